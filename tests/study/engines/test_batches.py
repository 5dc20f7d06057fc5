"""Batches of about a second."""

from hypothesis import given, settings, strategies as st

from fathometer.study.engines import Batches, Cell

CELLS = [Cell(str(k), {}, k) for k in range(5000)]


def sizes(count, workers, seconds):
    batches = Batches(CELLS[:count], workers)
    found = []
    while batch := batches.take():
        found.append(len(batch))
        for _ in batch:
            batches.finished(seconds)
    return found


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 400), st.integers(1, 9), st.floats(1e-5, 5))
def test_every_cell_is_handed_out_once_in_order(count, workers, seconds):
    batches = Batches(CELLS[:count], workers)
    seen = []
    while batch := batches.take():
        assert len(batches) == count - len(seen) - len(batch)
        seen += batch
        batches.finished(seconds)
    assert seen == CELLS[:count]


def test_batches_grow_to_a_second_and_shrink_where_little_is_left():
    found = sizes(5000, 2, 0.01)
    assert found[:3] == [1, 8, 64]
    assert all(100 <= size <= 101 for size in found[3:-8])
    assert found[-1] == 1


def test_long_cells_go_alone():
    assert set(sizes(20, 2, 1.5)) == {1}


def test_what_comes_back_is_handed_out_first():
    batches = Batches(CELLS[:4], 1)
    first = batches.take()
    batches.back(first)
    assert len(batches) == 4
    assert batches.take() == first
