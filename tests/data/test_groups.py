import numpy as np
from hypothesis import given, strategies as st

from fathometer.data import _groups, equal_rows, row_digests


def by_hand(rows: np.ndarray) -> list[int]:
    """Groups in the order of their first rows, one row after the other."""
    seen: dict[tuple, int] = {}
    return [seen.setdefault(tuple(map(str, (row + 0.0).tolist())), len(seen)) for row in rows]


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 3))
def test_equal_rows_share_a_number_missing_values_and_signed_zeros_too(seed, n, p):
    rows = np.random.default_rng(seed).choice([0.0, -0.0, 1.5, np.nan, -np.nan], (n, p))
    assert equal_rows(rows).tolist() == by_hand(np.where(np.isnan(rows), np.nan, rows))


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 3))
def test_digests_are_equal_where_rows_are(seed, n, p):
    rows = np.random.default_rng(seed).choice([0.0, -0.0, 1.5, np.nan, -np.nan], (n, p))
    _, again = np.unique(row_digests(rows), return_inverse=True)
    numbers = equal_rows(rows)
    assert len(set(zip(again.tolist(), numbers.tolist(), strict=True))) == again.max() + 1 == numbers.max() + 1


def test_digests_of_small_whole_numbers_and_of_exchanged_columns_differ():
    grid = np.stack(np.meshgrid(*[np.arange(17.0)] * 4), axis=-1).reshape(-1, 4)
    assert np.unique(row_digests(grid)).size == 17**4
    assert row_digests(np.empty((0, 4))).shape == (0,)


def test_rows_of_one_hash_that_differ_are_told_apart():
    """The hash is linear and its weights are odd, so that collisions can be made."""
    weights = np.random.default_rng(_groups.SEED).integers(1, 2**63, 2, np.uint64) | np.uint64(1)
    first, second = (int(weight) for weight in weights)
    bits = np.array([[1, 2], [5, 0], [1, 2], [7, 7]], np.uint64)
    bits[1, 1] = (2 + (1 - 5) * first * pow(second, -1, 2**64)) % 2**64
    rows = bits.view(np.float64)
    hashes = bits @ weights
    assert hashes[0] == hashes[1]
    assert np.all(np.isfinite(rows))
    assert equal_rows(rows[[0, 1, 2, 1, 3]]).tolist() == [0, 1, 0, 1, 2]


def test_blocks_of_rows_make_no_difference(monkeypatch):
    rows = np.random.default_rng(0).choice([0.0, 1.0, np.nan], (500, 3))
    whole = equal_rows(rows)
    monkeypatch.setattr(_groups, "BLOCK", 7)
    np.testing.assert_array_equal(equal_rows(rows), whole)
