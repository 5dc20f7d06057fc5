"""What a folder gives back: a typed table, verdicts, and an xarray Dataset."""

import json
import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

import fathometer.study
from fathometer.evidence import InputError
from fathometer.study import Computed, Study, in_process, run_study, specification_of
from fathometer.study.store import _arrays, _open
from tests.study.computations import ADD, COLUMNS, find

DOCUMENT = {
    "title": "adds",
    "computation": {"name": "add"},
    "grid": {"beta": [1, 2.5, 9], "n": [3, 4]},
    "seeds": [7, 0],
    "judge": {"columns": [{"column": "total", "at_most": 20}]},
}


def made(folder, document=DOCUMENT, only=None):
    """A study; only some of its cells if that is said."""

    class Some:
        def run(self, cells, compute, limits, finished, announce):
            in_process().run(cells if only is None else [cells[k] for k in only], compute, limits, finished, announce)

    return run_study(specification_of(document, find), folder, Some(), say=lambda line: None)


def test_the_table_has_typed_columns_in_the_order_of_the_cells(tmp_path):
    table = made(tmp_path).table()
    kinds = dict(zip(table.schema.names, map(str, table.schema.types), strict=True))
    assert kinds["beta"] == kinds["total"] == kinds["seconds"] == kinds["margin:at_most_ten"] == "double"
    assert kinds["n"] == kinds["seed"] == kinds["count"] == "int64"
    assert (kinds["flag"], kinds["even"], kinds["rows"]) == ("bool", "bool", "list<element: double>")
    assert (
        kinds["cell"] == kinds["model"] == kinds["verdict:at_most_ten"] == kinds["verdict:total at most 20"] == "string"
    )
    rows = table.to_pylist()
    assert [(r["beta"], r["n"], r["seed"]) for r in rows] == [
        (b, n, s) for b in (1, 2.5, 9) for n in (3, 4) for s in (7, 0)
    ]
    assert all(row["total"] == row["beta"] * row["n"] + row["seed"] for row in rows)
    assert all((row["verdict:total at most 20"] == "HOLDS") == (row["total"] <= 20) for row in rows)
    assert pq.read_table(tmp_path / "table.parquet").num_rows == 12


def test_rows_do_not_depend_on_which_cell_was_first(tmp_path):
    made(tmp_path / "b", only=[11, 3, 4])
    made(tmp_path / "b", only=[8, 0, 1])
    different = ["seconds", "machine"]
    first, second = (made(tmp_path / name).table().drop(different) for name in "ab")
    assert first.equals(second)


def test_the_table_has_what_the_journal_has_beyond_it(tmp_path):
    study = made(tmp_path, only=[5, 2])
    assert (study.finished, study.failed, study.cells) == (2, 0, 12)
    before = (tmp_path / "table.parquet").read_bytes()
    whole = made(tmp_path)
    (tmp_path / "table.parquet").write_bytes(before)
    assert Study(tmp_path).table().equals(whole.table())
    (tmp_path / "table.parquet").write_bytes(before[:100])
    assert Study(tmp_path).table().equals(whole.table())
    assert Study(tmp_path).finished == 12


def test_columns_can_be_chosen_and_explanations_are_there(tmp_path):
    study = made(tmp_path)
    assert study.table(["total", "nothing"]).column_names == ["total"]
    assert study.table(["why:at_most_ten"])[0][0].as_py() == "3 measured, predicted at most 10"
    assert not any(name.startswith("why:") for name in study.table().column_names)
    assert set(study.columns) < set(study.table().column_names)
    assert study.meanings == {name: column.meaning for name, column in COLUMNS.items()}


def test_verdicts_are_counted_with_the_worst_first(tmp_path):
    study = made(tmp_path)
    assert study.verdict_counts() == {
        "total at most 20": {"VIOLATED": 4, "HOLDS": 8},
        "at_most_ten": {"VIOLATED": 4, "HOLDS": 8},
    }
    counted = next(one for one in study.verdicts() if one.theorem == "at_most_ten")
    assert [margin for _, margin, _ in counted.worst] == [-26.0, -26.0, -17.0]
    worst = study.table().filter(pa.compute.equal(study.table()["cell"], counted.worst[0][0])).to_pylist()[0]
    assert (worst["beta"], worst["n"]) == (9.0, 4)
    json.dumps(study.to_json(), allow_nan=False)
    assert study.to_json()["verdicts"][1]["counts"] == {"VIOLATED": 4, "HOLDS": 8}


def test_only_the_theorems_that_are_asked_for_count(tmp_path):
    study = made(tmp_path, {**DOCUMENT, "judge": {"theorems": ["another"]}})
    assert study.verdict_counts() == {"another": {}}
    assert "verdict:at_most_ten" in study.table().column_names


def test_a_full_grid_has_its_axes_as_dimensions(tmp_path):
    made(tmp_path)
    with fathometer.study.open(tmp_path) as data:
        assert dict(data.sizes) == {"beta": 3, "n": 2, "seed": 2, "step": 4}
        assert data.total.dims == ("beta", "n", "seed")
        assert data.steps.dims == ("beta", "n", "seed", "step")
        for cell in specification_of(DOCUMENT, find).cells:
            at = {"beta": cell.parameters["beta"], "n": cell.parameters["n"], "seed": cell.seed}
            expected = ADD.compute(cell.parameters, cell.seed)
            assert data.total.sel(at).item() == expected.values["total"]
            assert data.even.sel(at).item() == expected.values["even"]
            steps = expected.arrays["steps"]
            assert_array_equal(data.steps.sel(at)[: len(steps)], steps)
            assert np.all(np.isnan(data.steps.sel(at)[len(steps) :]))
        assert data.word.dtype == object
        assert data.total.attrs["meaning"] == "beta times n plus seed"
        assert json.loads(data.attrs["fixed"]) == {"model": "sa", "flag": False, "rows": None}


def test_missing_cells_are_nan(tmp_path):
    made(tmp_path, only=[0, 7])
    with fathometer.study.open(tmp_path) as data:
        assert np.isnan(data.total).sum() == np.isnan(data["count"]).sum() == 10
        assert data.total[0, 0, 0] == 10
        assert data.word.values.tolist()[0][0] == ["sa", ""]
        assert np.isnan(data.steps).all("step").sum() == 10


def test_a_study_with_a_sampler_has_cells_as_its_dimension(tmp_path):
    document = {
        "computation": {"name": "add"},
        "grid": {"n": [2, 3]},
        "sample": {"count": 3, "beta": {"from": 1, "to": 2}},
        "seeds": 2,
    }
    made(tmp_path, document)
    with fathometer.study.open(tmp_path) as data:
        assert dict(data.sizes) == {"cell": 12, "step": 3}
        assert_array_equal(data.total, data.beta * data.n + data.seed)
        assert_array_equal(data.steps[:, 1], data.beta + data.seed)


def test_arrays_are_the_same_from_zarr_and_from_the_journal(tmp_path, monkeypatch):
    monkeypatch.setattr(_arrays, "_CHUNK", 70)
    made(tmp_path)
    with fathometer.study.open(tmp_path) as stored:
        monkeypatch.setattr("fathometer.study.store._open.is_whole", lambda *_: False)
        with fathometer.study.open(tmp_path) as read:
            assert_array_equal(stored.steps, read.steps)
    import xarray

    with xarray.open_dataset(tmp_path / "arrays.zarr", engine="zarr") as alone:
        assert alone.steps.dims == ("beta", "n", "seed", "step")
        assert_array_equal(alone.beta, [1, 2.5, 9])


def axis_of(folder, beta):
    """A study over some beta, with arrays that begin with it."""
    document = {"computation": {"name": "add"}, "grid": {"beta": beta}, "seeds": [1], "fixed": {"n": 2}}
    return made(folder, document)


@pytest.mark.parametrize("beta", [[4, 5, 6], [0, 1, 2, 3], [4]])
@pytest.mark.parametrize("small", [True, False])
def test_a_dataset_never_has_the_arrays_of_a_later_run(tmp_path, monkeypatch, small, beta):
    if not small:
        monkeypatch.setattr(_open, "_SMALL", 0)
    axis_of(tmp_path, [1, 2, 3])
    data = fathometer.study.open(tmp_path)
    axis_of(tmp_path, beta)
    if small:
        assert_array_equal(data.steps[:, 0, 1], [2, 3, 4])
    else:
        with pytest.raises(InputError, match=r"arrays\.zarr' was written anew by another run: open the study again"):
            data.steps.load()
    with fathometer.study.open(tmp_path) as later:
        assert_array_equal(later.steps[:, 0, 1], np.array(beta) + 1)


def test_large_arrays_are_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(_open, "_SMALL", 0)
    axis_of(tmp_path, [1, 2, 3])
    data = fathometer.study.open(tmp_path)
    assert data.steps.sel(beta=2, step=1, seed=1).item() == 3
    assert_array_equal(data.steps[[2, 0], 0, ::-1], [[4, 1], [2, 1]])
    assert_array_equal(data.steps.where(data.beta > 1, 0).sum("step")[:, 0], [0, 4, 5])


@pytest.mark.parametrize("array", [np.array([0, 1, -2]), np.array([True, False]), np.array([0, 2], np.uint8)])
def test_whole_numbers_and_truths_stay_what_they_are(tmp_path, array):
    known = replace(ADD, compute=lambda *given: Computed(ADD.compute(*given).values, (), {"steps": array}))
    document = {"computation": {"name": "add"}, "seeds": 2}
    run_study(specification_of(document, lambda _: known), tmp_path, in_process(), say=lambda line: None)
    import xarray

    with fathometer.study.open(tmp_path) as data, xarray.open_zarr(tmp_path / "arrays.zarr") as alone:
        for one in (data, alone):
            assert one.steps.dtype == array.dtype
            assert_array_equal(one.steps, [array, array])
            assert_array_equal(one.seed, [0, 1])
        assert data.steps.attrs == {}


def test_lists_of_numbers_are_an_axis_too(tmp_path):
    made(tmp_path, {"computation": {"name": "add"}, "grid": {"rows": [[1, 2], [3]]}})
    assert Study(tmp_path).table()["rows"].to_pylist() == [[1, 2], [3]]
    with fathometer.study.open(tmp_path) as data:
        assert data.total.dims == ("rows", "seed")


def test_infinite_and_unknown_numbers_are_kept(tmp_path):
    numbers = {"total": math.inf, "count": None, "even": None, "word": None}
    known = replace(ADD, compute=lambda parameters, seed: Computed({**numbers, "total": [math.inf, math.nan][seed]}))
    study = run_study(
        specification_of({"computation": {"name": "add"}, "seeds": 2}, lambda _: known),
        tmp_path,
        in_process(),
        say=lambda line: None,
    )
    assert study.table()["total"][0].as_py() == math.inf
    assert math.isnan(study.table()["total"][1].as_py())
    assert study.table()["count"].null_count == 2


def test_a_folder_without_a_study_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="holds no study"):
        Study(tmp_path)
    with pytest.raises(InputError, match="holds no study"):
        fathometer.study.open(tmp_path / "gone")
    for text in ("{", '{"schema": 99}', "[]"):
        (tmp_path / "study.json").write_text(text)
        with pytest.raises(InputError, match="is not the document of a study"):
            Study(tmp_path)
