import numpy as np
import pytest
from hypothesis import given, strategies as st

from fathometer.data import Split, split_indices
from fathometer.evidence import InputError

FRACTIONS = {"prior": 0.3, "certificate": 0.5, "test": 0.2}


@given(st.integers(10, 500), st.integers(0, 2**31))
def test_the_parts_cover_every_row_once(n, seed):
    split = split_indices(n, FRACTIONS, seed)
    together = np.concatenate(list(split.parts.values()))
    np.testing.assert_array_equal(np.sort(together), np.arange(n))
    assert all(abs(split.sizes[name] - share * n) <= 1 for name, share in FRACTIONS.items())


def test_a_split_is_decided_by_its_seed():
    assert split_indices(50, FRACTIONS, 1) == split_indices(50, FRACTIONS, 1)
    assert split_indices(50, FRACTIONS, 1) != split_indices(50, FRACTIONS, 2)


def test_every_row_is_equally_likely_in_every_part():
    counts = sum(np.bincount(split_indices(10, FRACTIONS, seed).part("test"), minlength=10) for seed in range(4000))
    assert np.all(np.abs(counts - 800) < 5 * np.sqrt(4000 * 0.2 * 0.8))


def test_a_union_takes_each_part_once_and_keeps_the_order():
    split = split_indices(20, FRACTIONS)
    expected = np.concatenate([split.part("test"), split.part("prior")])
    np.testing.assert_array_equal(split.union("test", "prior", "test"), expected)


def test_a_split_travels_as_json():
    split = split_indices(20, FRACTIONS, 3)
    assert Split.from_json(split.to_json()) == split


def test_parts_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        split_indices(20, FRACTIONS).part("test")[0] = 0


def test_a_leak_is_refused():
    with pytest.raises(InputError, match="row 2 is in part 'prior' and again in part 'test'"):
        Split(5, {"prior": np.array([1, 2]), "test": np.array([3, 2])})
    with pytest.raises(InputError, match="row 1 is in part 'prior' and again in part 'prior'"):
        Split(5, {"prior": np.array([1, 1])})
    split = split_indices(20, FRACTIONS)
    split.require_disjoint(("prior",), ("certificate", "test"))
    with pytest.raises(InputError, match=r"part 'prior' cannot serve both prior \+ test and prior"):
        split.require_disjoint(("prior", "test"), ("prior",))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (np.array([], int), "part 'a' of 5 rows must hold at least one row"),
        (np.array([[1]]), "must hold at least one row, got shape"),
        (np.array([0.5]), "must hold whole row numbers, got float64"),
        (np.array([5]), r"must hold rows in \[0, 5\), got 5 to 5"),
        (np.array([-1]), r"must hold rows in \[0, 5\), got -1 to -1"),
    ],
)
def test_impossible_parts_are_refused(part, message):
    with pytest.raises(InputError, match=message):
        Split(5, {"a": part})


@pytest.mark.parametrize(
    ("n", "fractions", "seed", "message"),
    [
        (0, FRACTIONS, 0, "n must be >= 1, got 0"),
        (10, {"a": 0.5}, 0, "fractions must add up to 1, got 0.5"),
        (10, {}, 0, "fractions must add up to 1, got 0"),
        (10, {"a": 1.5, "b": -0.5}, 0, "fraction of 'b' must be > 0, got -0.5"),
        (3, {"a": 0.9, "b": 0.1}, 0, "part 'b' of 3 rows must hold at least one row"),
        (10, FRACTIONS, -1, "seed must be >= 0, got -1"),
    ],
)
def test_impossible_splits_are_refused(n, fractions, seed, message):
    with pytest.raises(InputError, match=message):
        split_indices(n, fractions, seed)


def test_an_unknown_part_is_refused():
    split = split_indices(20, FRACTIONS)
    for use in (split.part, split.union, lambda name: split.require_disjoint((name,), ())):
        with pytest.raises(InputError, match="no part 'validation'; parts: prior, certificate, test"):
            use("validation")
