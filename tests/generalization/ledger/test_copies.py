"""Copies and groups: no part shares one, each counts once, and coin tosses stay above what they are."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats
from sklearn.tree import DecisionTreeClassifier

from fathometer.data import equal_rows, joined_groups, split_groups, split_indices
from fathometer.evidence import InputError
from fathometer.generalization import linear_certificate, recheck
from fathometer.generalization.certificates.learners import CertifiedLinearClassifier
from fathometer.generalization.learning.linear._training import linear_split
from fathometer.generalization.learning.networks import GivenPrior, NetworkSettings, certify_network, network_split
from fathometer.generalization.learning.predictors import certify_predictor
from fathometer.generalization.learning.wasserstein import Halves
from fathometer.generalization.learning.wasserstein._certificates import shared_rows
from fathometer.generalization.ledger._copies import grouped_rows

FRACTIONS = {"prior": 0.4, "certificate": 0.4, "test": 0.2}
QUICK = NetworkSettings(hidden=(), prior_steps=60, posterior_steps=30, draws=500, checkpoints=2)


def tosses(seed: int, rows: int = 60, times: int = 20, columns: int = 30):
    """Rows with coin-toss labels, each copied, in a random order."""
    rng = np.random.default_rng(seed)
    x, y = np.repeat(rng.normal(size=(rows, columns)), times, axis=0), np.repeat(rng.integers(0, 2, rows), times)
    order = rng.permutation(len(y))
    return x[order], y[order]


@given(st.integers(1, 60), st.integers(1, 3), st.integers(0, 2**31))
def test_equal_rows_are_the_classes_of_equality(n, columns, seed):
    x = np.random.default_rng(seed).integers(-1, 2, (n, columns)) * np.array(0.1)
    groups = equal_rows(np.where(x == 0, -0.0, x))
    for i in range(n):
        np.testing.assert_array_equal(groups == groups[i], np.all(x == x[i], axis=1))
    assert np.all(np.diff(np.unique(groups, return_index=True)[1]) > 0)


def test_rows_that_differ_in_the_last_bit_are_no_copies():
    x = np.random.default_rng(0).normal(size=(500, 5))
    near = x.copy()
    near[np.arange(500), np.arange(500) % 5] = np.nextafter(near[np.arange(500), np.arange(500) % 5], 9)
    assert len(np.unique(equal_rows(np.concatenate([x, near])))) == 1000
    np.testing.assert_array_equal(equal_rows(np.concatenate([x, x])), np.tile(np.arange(500), 2))


def test_groups_are_joined_along_chains():
    """Rows 0-1 are copies, 1-2 one patient, 2-3 copies: one group; row 4 stands alone."""
    numbers = joined_groups(np.array([0, 0, 1, 1, 2]), np.array(["a", "b", "b", "c", "d"]))
    assert numbers.tolist() == [0, 0, 0, 0, 1]
    with pytest.raises(InputError, match=r"groups must have shape \(5,\), got \(4,\)"):
        joined_groups(np.arange(5), np.arange(4))
    with pytest.raises(InputError, match="row 1 has no group"):
        joined_groups(np.arange(2), np.array([0.0, np.nan]))


@given(st.integers(20, 60), st.integers(1, 4), st.integers(0, 2**31))
def test_no_group_is_split_and_each_counts_once(groups, most, seed):
    rng = np.random.default_rng(seed)
    numbers = rng.permutation(np.repeat(np.arange(groups), rng.integers(1, most + 1, groups)))
    numbers = joined_groups(numbers, numbers)
    split = split_groups(numbers, FRACTIONS, seed, ("prior",))
    owners = [set(numbers[rows].tolist()) for rows in split.parts.values()]
    assert sum(map(len, owners)) == groups == len(set.union(*owners))
    assert set(np.flatnonzero(np.isin(numbers, list(owners[0])))) == set(split.part("prior").tolist())
    assert all(split.sizes[name] == len(own) for name, own in list(zip(split.parts, owners, strict=True))[1:])


def test_without_copies_the_split_is_the_one_of_rows():
    assert split_groups(np.arange(90), FRACTIONS, 7, ("prior",)) == split_indices(90, FRACTIONS, 7)
    assert linear_split(np.arange(90), 3).sizes["prior"] == 27


def test_one_row_of_a_group_is_drawn_uniformly():
    numbers = np.repeat(np.arange(10), 4)
    drawn = np.concatenate([split_groups(numbers, FRACTIONS, seed).part("certificate") for seed in range(2000)])
    counts = np.bincount(drawn % 4, minlength=4)
    assert stats.chisquare(counts).pvalue > 1e-6


@pytest.mark.slow
def test_coin_tosses_with_copies_are_not_certified_below_a_half():
    """A ledger is false with probability at most 0.05; counted one by one, copies make nearly all of them false."""
    honest = [linear_certificate(*tosses(seed, times=5, columns=8), seed=seed) for seed in range(24)]
    false = sum(any(row.value < 0.5 for row in c.ledger.rows) for c in honest)
    assert false <= stats.binom.ppf(1 - 1e-6, 24, 0.05)
    assert {c.ledger.sizes["certificate"] for c in honest} == {21}
    wrong = [linear_certificate(*tosses(seed), seed=seed, allow_copies=True) for seed in range(4)]
    assert sum(any(row.value < 0.4 for row in c.ledger.rows) for c in wrong) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("way", ["linear", "network", "own", "learner"])
def test_the_example_of_sixty_rows(way):
    """60 different rows with coin-toss labels, 20 times each: certificates below a half, and none said so."""
    x, y = tosses(0)
    if way == "network":
        found = certify_network(x, y, settings=QUICK)
    elif way == "own":
        found = certify_predictor(x, y, DecisionTreeClassifier)
    elif way == "learner":
        found = CertifiedLinearClassifier().fit(x, y).certificate_
    else:
        found = linear_certificate(x, y)
    assert min(row.value for row in found.ledger.rows if "0/1" in row.certifies) > 0.5
    assert (found.copies.rows, found.copies.repeated, found.copies.groups) == (1200, 1140, 60)
    assert any("1140 rows repeat the features of another row (0 with another label)" in n for n in found.ledger.notes)
    assert any("1200 rows are 60 groups of copies: none is split" in note for note in found.ledger.notes)


def test_copies_that_are_allowed_are_marked_everywhere():
    x, y = tosses(0)
    for found in (
        linear_certificate(x, y, allow_copies=True),
        certify_predictor(x, y, DecisionTreeClassifier, allow_copies=True),
    ):
        assert found.copies.allowed
        assert any(note.startswith("COPIES ALLOWED: 1140 rows") for note in found.ledger.notes)
        assert "copies" in " ".join(recheck(found, x, y).unseen)
    assert not linear_certificate(*tosses(0, 80, 1), allow_copies=True).copies.allowed


def test_copies_with_another_label_are_counted():
    x, y = tosses(1, rows=80, times=2)
    y = y.copy()
    y[np.argmax(np.bincount(equal_rows(x))[equal_rows(x)] > 1)] ^= 1
    assert grouped_rows(x, y, 0).copies.other_label == 1


def test_given_groups_are_not_split():
    rng = np.random.default_rng(5)
    patient = np.repeat(np.arange(90), 3)
    x = rng.normal(size=(270, 4)) + np.repeat(rng.normal(size=(90, 4)), 3, axis=0)
    y = np.repeat(rng.integers(0, 2, 90), 3)
    names = np.array([f"p{k}" for k in patient])
    found = linear_certificate(x, y, groups=names)
    assert (found.copies.given, found.copies.groups, found.copies.repeated) == (True, 90, 0)
    assert found.ledger.sizes == {"prior": 81, "certificate": 31, "held_out": 18, "test": 14}
    assert recheck(found, x, y, groups=names).differences == ()
    assert recheck(found, x, y, groups=patient).differences == ()
    other = np.where(patient > 85, 85, patient)
    assert recheck(found, x, y, groups=other).differences[0].startswith("copies.groups is 90, recomputed 86")
    with pytest.raises(InputError, match="made with groups of rows: name their column"):
        recheck(found, x, y)
    with pytest.raises(InputError, match=r"got 30: 270 rows form 30 groups"):
        linear_certificate(x, y, groups=patient // 3)
    with pytest.raises(InputError, match="groups must be text, true/false or numbers, got object"):
        linear_certificate(x, y, groups=np.array([None] * 270))


@pytest.mark.slow
def test_a_given_test_part_that_repeats_training_rows_is_refused():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(150, 4)), np.arange(150) % 3
    x[140] = x[20]
    with pytest.raises(InputError, match=r"row 140 of the given test part repeats row 20 .* \(1 such rows\)"):
        certify_network(x, y, settings=QUICK, test_rows=30)
    found = certify_network(x, y, settings=QUICK, test_rows=30, allow_copies=True)
    assert found.copies.allowed
    assert found.ledger.sizes["test"] == 30
    assert any("the last 30 rows are the test part, as the source gives them" in note for note in found.ledger.notes)
    assert not any(note.startswith("rows shuffled uniformly") for note in found.ledger.notes)


def test_a_prior_that_saw_a_copy_or_a_row_of_another_part_is_refused():
    x, y = tosses(3, rows=90, times=2, columns=4)
    groups = equal_rows(x)
    split = network_split(180, QUICK, groups=groups)
    mean = (np.zeros((5, 2)),)
    for part in ("certificate", "held_out", "test"):
        copy = np.flatnonzero(groups == groups[split.part(part)[0]])
        with pytest.raises(InputError, match="was seen by the prior and cannot certify it"):
            certify_network(x, y, settings=QUICK, prior=GivenPrior(mean, copy[copy != split.part(part)[0]]))
    with pytest.raises(InputError, match=r"seen rows in \[0, 180\), got 0 to 180"):
        certify_network(x, y, settings=QUICK, prior=GivenPrior(mean, np.array([0, 180])))


def test_a_learner_says_why_copies_leave_no_certificate():
    learner = CertifiedLinearClassifier().fit(*tosses(0, rows=40, times=3, columns=4))
    assert learner.certificate_ is None
    assert "120 rows are copies of 40 different ones" in learner.no_certificate_


def test_the_published_experiments_say_how_many_test_rows_repeat_training_rows():
    x = np.eye(4, dtype=np.float32)
    y = np.arange(4) % 2
    assert shared_rows(Halves("clouds", 2, x, y, -x, y)) == ()
    assert shared_rows(Halves("clouds", 2, x, y, x[:2], y[:2]))[0].startswith("2 of 2 test rows have the features of")
