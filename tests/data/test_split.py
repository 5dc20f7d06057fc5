import numpy as np
import pytest
from hypothesis import given, strategies as st

from fathometer.data import Split, StratifiedSplit, data_seed, split_groups, split_indices
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


GROUPS = np.array([0, 1, 0, 2, 3, 3, 4, 5, 1, 6])


def test_parts_of_groups_are_drawn_as_they_always_were():
    split = split_groups(GROUPS, {"a": 0.5, "b": 0.5}, 3, ("a",))
    assert {name: part.tolist() for name, part in split.parts.items()} == {"a": [1, 8, 3, 7, 9], "b": [6, 4, 0]}


SHARES = {"training": 0.6, "held_out": 0.3, "test": 0.1}


@given(st.integers(0, 2**31), st.integers(2, 4), st.integers(20, 60))
def test_every_part_but_the_first_has_its_share_of_each_class(seed, kinds, size):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(kinds * size), rng.integers(1, 4, kinds * size))
    classes = np.array(["u", "v", "w", "x"])[groups % kinds]
    split = split_groups(groups, SHARES, seed, ("training",), stratify=classes)
    held = [set(groups[part].tolist()) for part in split.parts.values()]
    assert sum(map(len, held)) == len(set.union(*held)) == split.groups == kinds * size
    for name in ("held_out", "test"):
        counts = np.unique(classes[split.part(name)], return_counts=True)[1]
        assert np.all(counts == -((-round(10 * SHARES[name]) * size) // 10))
        assert split.effective_size(name) * 10 == round(10 * SHARES[name]) * kinds * size
    assert np.isin(groups, list(held[0])).sum() == split.sizes["training"]


def test_the_class_of_a_group_is_that_of_its_drawn_row():
    groups, classes = np.repeat(np.arange(200), 2), np.tile([0, 1], 200)
    split = split_groups(groups, {"a": 0.5, "b": 0.5}, 1, stratify=classes)
    drawn = np.concatenate(list(split.parts.values()))
    ones = int(classes[drawn].sum())
    assert 60 < ones < 140
    assert classes[split.part("b")].sum() == -(-ones // 2)


def test_within_a_class_every_group_is_equally_likely():
    classes, draws = np.repeat([0, 1], [6, 10]), 3000
    counts = sum(
        np.bincount(split_groups(np.arange(16), SHARES, seed, stratify=classes).part("held_out"), minlength=16)
        for seed in range(draws)
    )
    for kind, share in ((0, 2 / 6), (1, 3 / 10)):
        assert np.all(np.abs(counts[classes == kind] - share * draws) < 5 * np.sqrt(draws * share * (1 - share)))


def test_a_stratified_split_travels_as_json_among_the_others():
    split = split_groups(np.arange(40), SHARES, 2, stratify=np.arange(40) % 2)
    again = Split.from_json(split.to_json())
    assert isinstance(again, StratifiedSplit)
    assert again == split
    assert "type" not in split_groups(np.arange(40), SHARES, 2).to_json()


def test_a_class_that_training_would_lose_is_refused():
    with pytest.raises(InputError, match=r"class 1 has 2 groups of rows, too few for part 'training' to keep one"):
        split_groups(np.arange(20), SHARES, 0, stratify=np.repeat([0, 1], [18, 2]))
    with pytest.raises(InputError, match=r"classes to stratify by must have shape \(20,\), got \(3,\)"):
        split_groups(np.arange(20), SHARES, 0, stratify=np.ones(3))
    with pytest.raises(InputError, match="part 'training' has no share of every class; parts: held_out, test"):
        split_groups(np.arange(20), SHARES, 0, stratify=np.ones(20)).effective_size("training")


def test_a_seed_from_the_digest_of_the_data():
    assert data_seed("0" * 64) == 0
    assert data_seed("f" * 64) == 2**32 - 1
    assert data_seed("0" * 7 + "1" + "F" * 56) == 1
    for digest in ("", "f" * 63, "g" * 64, "0x" + "f" * 62, "f" * 64 + "\n"):
        with pytest.raises(InputError, match="a SHA-256 digest has 64 hexadecimal digits"):
            data_seed(digest)


def test_rows_in_the_hundred_thousands_are_checked_at_once():
    n = 400_000
    split = split_indices(n, FRACTIONS)
    parts = dict(split.parts) | {"again": split.part("prior")[-1:]}
    with pytest.raises(InputError, match=f"row {split.part('prior')[-1]} is in part 'prior' and again in part 'again'"):
        Split(n, parts)
