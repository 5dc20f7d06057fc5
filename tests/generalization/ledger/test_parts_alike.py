"""Parts that differ: tested at a stated level, and certificates below the measured risk are flagged."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import Answer, Estimate, Status
from fathometer.generalization import against_test, linear_certificate
from fathometer.generalization.learning.networks import NetworkSettings, certify_network
from fathometer.generalization.ledger._parts_alike import LEVEL, column_tests, parts_alike


def test_the_p_values_are_those_of_scipy_corrected_for_their_number():
    rng = np.random.default_rng(0)
    x, z = rng.normal(size=(400, 3)), rng.normal(size=(300, 3)) + np.array([0, 0.2, 0])
    a, b = rng.random(200) < 0.1, rng.random(150) < 0.2
    found = parts_alike(a, b, x, z)
    table = [[a.sum(), 200 - a.sum()], [b.sum(), 150 - b.sum()]]
    assert found.errors == pytest.approx(2 * stats.fisher_exact(table).pvalue)
    values = [stats.ks_2samp(x[:, k], z[:, k], method="asymp").pvalue for k in range(3)]
    assert found.features == pytest.approx(6 * min(values))
    assert found.column == 1


def test_alike_parts_are_said_to_differ_at_most_at_the_level():
    """Ties included; 400 pairs at a level of 0.05 instead of 0.001."""
    rng, level = np.random.default_rng(1), 0.05
    found = 0
    for k in range(400):
        x = rng.normal(size=(70, 4)) if k % 2 else rng.integers(0, 3, (70, 4)).astype(float)
        errors = rng.random(60) < 0.2
        alike = parts_alike(errors[:40], errors[40:], x[:50], x[50:])
        found += min(alike.errors, alike.features) <= level
    assert found <= stats.binom.ppf(1 - 1e-6, 400, level)


@pytest.mark.parametrize("shift", ["errors", "features"])
def test_parts_that_differ_are_seen(shift):
    rng = np.random.default_rng(2)
    x, z = rng.normal(size=(300, 5)), rng.normal(size=(200, 5))
    errors, other = rng.random(300) < 0.1, rng.random(200) < (0.3 if shift == "errors" else 0.1)
    z[:, 3] += shift == "features"
    found = parts_alike(errors, other, x, z)
    assert found.differ
    assert getattr(found, shift) < LEVEL
    assert "the test part differs from the rows that certify" in found.sentence
    assert found.column == 3 or shift == "errors"


def test_a_certificate_below_the_measured_risk_is_flagged():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 3))
    ledger = linear_certificate(x, (x[:, 0] > 0).astype(int)).ledger
    assert against_test(ledger).status is Status.HOLDS
    assert against_test(ledger).checks[0].answer is Answer.HOLDS
    worse = Estimate.sampled(0.95, 0.9, 0.99, 0.95)
    rows = (dataclasses.replace(ledger.rows[0], measured=worse), *ledger.rows[1:])
    flagged = dataclasses.replace(ledger, rows=rows)
    assert [row.status is Status.VIOLATED for row in flagged.rows] == [True] + [False] * (len(rows) - 1)
    found = against_test(flagged)
    assert found.status is Status.UNDECIDED
    assert "below the risk of the same object on the test part: 0.95 [0.9, 0.99]" in found.explanation
    differing = dataclasses.replace(flagged, alike=dataclasses.replace(ledger.alike, features=1e-9))
    assert against_test(differing).status is Status.VIOLATED
    assert "do not speak about rows like those of the test part" in against_test(differing).explanation
    assert against_test(dataclasses.replace(ledger, alike=differing.alike)).checks[0].answer is Answer.FAILS


@pytest.mark.slow
def test_a_published_test_part_from_elsewhere_is_seen():
    """The labels of the test part are turned over and its features moved: held-out rows say nothing about it."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(500, 3))
    y = (x[:, 0] > 0).astype(int)
    x[-100:], y[-100:] = x[-100:] + 2, 1 - y[-100:]
    settings = NetworkSettings(hidden=(), prior_steps=300, posterior_steps=60, draws=500, checkpoints=2)
    ledger = certify_network(x, y, settings=settings, test_rows=100).ledger
    found = against_test(ledger)
    assert found.status is Status.VIOLATED
    assert ledger.alike.differ
    assert any(row.status is Status.VIOLATED for row in ledger.rows)


def with_gaps(x: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The first column loses a share of its values."""
    gone = rng.random(len(x)) < share
    return np.where(gone[:, None] & (np.arange(x.shape[1]) == 0), np.nan, x)


def test_missing_values_are_left_out_of_the_values_and_counted():
    rng = np.random.default_rng(5)
    x, z = (with_gaps(rng.normal(size=(n, 3)), 0.2, rng) for n in (300, 200))
    tests = column_tests(x, z)
    assert [(found.column, found.missing) for found in tests] == [(0, False), (0, True), (1, False), (2, False)]
    kept = [part[~np.isnan(part)] for part in (x[:, 0], z[:, 0])]
    assert tests[0].p == pytest.approx(stats.ks_2samp(*kept, method="asymp").pvalue)
    errors = np.zeros(10)
    assert parts_alike(errors, errors, x, z).features == pytest.approx(min(1, 8 * min(found.p for found in tests)))


def test_more_missing_values_are_seen():
    rng = np.random.default_rng(6)
    x, z = (rng.normal(size=(n, 3)) for n in (300, 200))
    alike = parts_alike(np.zeros(9), np.zeros(9), with_gaps(x, 0.1, rng), with_gaps(z, 0.4, rng))
    assert alike.differ
    assert alike.column == 0


def test_a_column_without_any_value_says_nothing():
    x = np.full((40, 1), np.nan)
    assert parts_alike(np.zeros(9), np.zeros(9), x, x[:30]).features == 1
