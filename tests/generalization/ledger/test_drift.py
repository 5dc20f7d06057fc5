"""New rows against the certificate's: alike rows pass at the level, and every kind of change is seen."""

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError
from fathometer.generalization.ledger._drift import Drift, _auc, _classifier, drift
from fathometer.generalization.ledger._strict import require_record


def table(rng: np.random.Generator, n: int, p: int = 4) -> np.ndarray:
    """Numbers, a category code in column 3 and a tenth of column 2 missing."""
    x = rng.normal(size=(n, p))
    x[:, 3] = rng.integers(0, 5, n)
    x[rng.random(n) < 0.1, 2] = np.nan
    return x


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.slow
def test_alike_rows_are_said_to_differ_at_most_at_the_level():
    rng, level = np.random.default_rng(1), 0.1
    found = sum(drift(table(rng, 100), table(rng, 60), k, level).differ for k in range(300))
    assert found <= stats.binom.ppf(1 - 1e-6, 300, level)


def test_the_tests_of_alike_rows_hold_their_level_without_the_classifier(rng):
    """Each family by itself, 300 tables at a level of 0.1; the classifier's level is in the slow test."""
    hits = np.zeros(2)
    for _ in range(300):
        x, y = table(rng, 15), table(rng, 15)
        losses = (rng.random(15) < 0.3).astype(float), (rng.random(15) < 0.3).astype(float)
        found = drift(x, y, 0, 0.1, certificate_losses=losses[0], new_losses=losses[1])
        hits += [found.columns <= 0.1, (found.losses or 0) <= 0.1]
        assert found.classifier == 1
    assert np.all(hits <= stats.binom.ppf(1 - 1e-6, 300, 0.1 / 3))


def test_alike_rows_give_no_sign(rng):
    found = drift(table(rng, 600), table(rng, 400), 0)
    assert not found.differ
    assert found.sentence.startswith("no sign that the new rows are not drawn like the rows of the certificate: ")
    assert 0.4 < found.auc < 0.6
    assert found.rows == (600, 400)


def test_the_rows_of_the_certificate_among_the_new_ones_are_no_drift(rng):
    """The same rows on both sides push the scores of new ones below those of old ones, which is no sign of a change."""
    for seed in range(5):
        x = table(rng, 300, 8)
        found = drift(x[:120], x, seed)
        assert found.auc < 0.5
        assert found.classifier > 0.2
        assert not found.differ


def test_a_shifted_column_is_seen_and_named(rng):
    new = table(rng, 400)
    new[:, 1] += 0.5
    found = drift(table(rng, 600), new, 0, names=["age", "height", "mass", "kind"])
    assert found.differ
    assert found.columns < found.level
    assert "the distribution of column 'height' moved most" in found.sentence
    assert found.sentence.startswith("the new rows are not drawn like the rows of the certificate")


def test_only_the_classifier_sees_a_change_that_no_column_shows(rng):
    """The correlation of two columns changes its sign; each column stays as it was."""
    old, new = rng.normal(size=(600, 2)), rng.normal(size=(600, 2))
    old[:, 1], new[:, 1] = old[:, 0] + old[:, 1] / 2, -new[:, 0] + new[:, 1] / 2
    found = drift(old, new, 0)
    assert found.columns > 0.01
    assert found.classifier < found.level
    assert found.differ
    assert found.auc > 0.8


def test_more_missing_values_are_seen(rng):
    new = table(rng, 400)
    new[rng.random(400) < 0.3, 2] = np.nan
    found = drift(table(rng, 600), new, 0)
    assert found.differ
    assert found.missing
    assert "the share of missing values of column 3 moved most" in found.sentence


def test_a_new_category_is_seen(rng):
    new = table(rng, 400)
    new[rng.random(400) < 0.2, 3] = 5
    found = drift(table(rng, 600), new, 0)
    assert found.differ
    assert found.column == "column 4"


def test_more_errors_are_seen_where_features_are_alike(rng):
    old, new = table(rng, 300), table(rng, 300)
    errors = (rng.random(300) < 0.1).astype(float), (rng.random(300) < 0.3).astype(float)
    found = drift(old, new, 0, certificate_losses=errors[0], new_losses=errors[1])
    assert found.losses is not None
    assert found.losses < found.level
    assert found.columns > 0.01
    assert "errors p = " in found.sentence
    other = drift(old, new, 0, certificate_losses=errors[0] / 2, new_losses=errors[1])
    assert other.losses is not None
    assert other.losses < found.level


def test_the_same_seed_gives_the_same_answer(rng):
    old, new = table(rng, 200), table(rng, 150)
    assert drift(old, new, 3) == drift(old, new, 3)


def test_columns_that_never_vary_need_no_classifier():
    assert _classifier(np.full((30, 2), np.nan), np.full((30, 2), np.nan), 0) == (1.0, 0.5)


def test_the_area_under_the_curve_is_the_share_of_ordered_pairs(rng):
    old, new = rng.integers(0, 4, 30).astype(float), rng.integers(1, 5, 20).astype(float)
    pairs = np.mean((new[:, None] > old) + (new[:, None] == old) / 2)
    assert _auc(old, new) == pytest.approx(pairs)


def test_the_record_travels(rng):
    found = drift(table(rng, 50), table(rng, 40), 0)
    require_record(Drift, found.to_json())
    assert Drift.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (np.zeros((3, 2)), "must be a table with the columns of the certificate's"),
        (np.zeros((0, 4)), "must be a table"),
        (np.full((3, 4), np.inf), "must be finite or NaN"),
    ],
)
def test_other_tables_are_refused(new, words):
    with pytest.raises(InputError, match=words):
        drift(np.zeros((5, 4)), new, 0)
