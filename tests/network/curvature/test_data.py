import numpy as np
import pytest
from numpy.testing import assert_array_equal

from fathometer.evidence import InputError
from fathometer.network.curvature.objectives._data import arrays_of, chunks_of, row_digests

X, y = np.arange(14.0).reshape(7, 2), np.arange(7)


class Loader:
    """Batches of rows in an order that may change on every pass."""

    def __init__(self, order, last=True):
        self.order, self.last, self.passes = order, last, 0

    def __iter__(self):
        self.passes += 1
        rows = self.order(self.passes)
        for start in range(0, len(rows), 3):
            part = rows[start : start + 3]
            if len(part) == 3 or self.last:
                yield X[part], y[part]


def taken(chunks):
    return np.concatenate([arrays_of(batch)[-1] for batch, _ in chunks])


@pytest.mark.parametrize(
    ("data", "chunk", "sizes"),
    [
        ((X, y), None, [7]),
        ((X, y), 3, [3, 3, 1]),
        ({"X": X, "y": y}, 4, [4, 3]),
        ([(X[:5], y[:5]), (X[5:], y[5:])], None, [5, 2]),
        ([{"X": X[:5], "y": y[:5]}, {"X": X[5:], "y": y[5:]}], 2, [2, 2, 1, 2]),
        (({"ids": X}, y), 6, [6, 1]),
        (Loader(lambda k: np.arange(7)), None, [3, 3, 1]),
        (iter([(X[:1], y[:1]), (X[1:], y[1:])]), None, [1, 6]),
    ],
)
def test_every_kind_of_data_gives_every_row_once(data, chunk, sizes):
    chunks = chunks_of(data, chunk)
    assert chunks.rows == 7
    assert [rows for _, rows in chunks] == sizes
    assert_array_equal(taken(chunks), y)
    assert_array_equal(taken(chunks), y)


def test_a_loader_that_shuffles_is_kept_as_it_was_once():
    loader = Loader(lambda k: np.random.default_rng(k).permutation(7))
    chunks = chunks_of(loader)
    assert "shuffles" in chunks.notes[0]
    assert_array_equal(taken(chunks), taken(chunks))
    assert_array_equal(np.sort(taken(chunks)), y)


def test_a_loader_that_drops_other_rows_each_time_is_refused():
    with pytest.raises(InputError, match="the same rows on every pass"):
        chunks_of(Loader(lambda k: np.random.default_rng(k).permutation(7), last=False))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "at least one row"),
        (Loader(lambda k: np.arange(0)), "at least one row"),
        ((X[:0], y[:0]), "at least one row"),
        ((X, y[:3]), r"same number of rows, got \[3, 7\]"),
        ((X, y.astype(str)), "arrays of a batch must hold numbers, got <U"),
        ("rows", "data must be"),
        (3, "data must be"),
        ([(X, 3.0), ()], "same number of rows"),
    ],
)
def test_data_that_cannot_be_are_one_line(data, message):
    with pytest.raises(InputError, match=message):
        chunks_of(data)
    with pytest.raises(InputError, match="chunk must be >= 1"):
        chunks_of((X, y), 0)


def test_digests_tell_rows_apart():
    digests = row_digests((X, y))
    assert len(set(digests)) == 7
    assert_array_equal(row_digests((X[::-1], y[::-1])), digests[::-1])
    assert np.any(row_digests((np.nextafter(X, 1e9), y)) != digests)
    assert np.any(row_digests((X[:, ::-1].copy(), y)) != digests)
    assert np.any(row_digests((X, y[::-1].copy())) != digests)


def test_numbers_of_another_byte_order_are_turned_around():
    (chunk,) = [batch for batch, _ in chunks_of((X.astype(">f8"), y.astype(">f4")))]
    assert all(array.dtype.isnative for array in chunk)
    assert np.array_equal(chunk[0], X)
