import threading

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from fathometer.study import run_cells

CELLS = [{"number": number} for number in range(6)]


def squares(cell):
    return {"square": np.array([cell["number"] ** 2.0])}


def test_results_come_in_order():
    told = []
    found = run_cells(CELLS, squares, announce=told.append)
    assert [float(arrays["square"][0]) for arrays in found] == [0, 1, 4, 9, 16, 25]
    assert told == [f"{k} of 6 cells" for k in range(1, 7)]


def test_finished_cells_are_found_again(tmp_path):
    run_cells(CELLS, squares, tmp_path)
    assert len(list(tmp_path.iterdir())) == 6

    def never(cell):
        raise AssertionError(f"{cell} was computed again")

    found = run_cells(CELLS, never, tmp_path)
    assert_array_equal(found[3]["square"], [9])
    with pytest.raises(AssertionError, match="was computed again"):
        run_cells([{"number": 6}], never, tmp_path)


def test_an_interrupted_computation_keeps_what_is_finished(tmp_path):
    done = []

    def breaks(cell):
        if cell["number"] == 4:
            raise KeyboardInterrupt
        done.append(cell["number"])
        return squares(cell)

    with pytest.raises(KeyboardInterrupt):
        run_cells(CELLS[:5], breaks, tmp_path)
    assert set(done) >= {0, 1, 2}
    again = []

    def counted(cell):
        again.append(cell["number"])
        return squares(cell)

    found = run_cells(CELLS, counted, tmp_path)
    assert set(again) == set(range(6)) - set(done)
    assert [float(arrays["square"][0]) for arrays in found] == [0, 1, 4, 9, 16, 25]


def test_a_torn_file_is_computed_again(tmp_path):
    run_cells(CELLS[:1], squares, tmp_path)
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:40])
    assert_array_equal(run_cells(CELLS[:1], squares, tmp_path)[0]["square"], [0])
    assert_array_equal(run_cells(CELLS[:1], lambda cell: {}, tmp_path)[0]["square"], [0])


def test_cells_run_beside_each_other():
    gate = threading.Barrier(2, timeout=20)

    def meets(cell):
        gate.wait()
        return {}

    run_cells(CELLS[:2], meets)
