"""The gap between the risk on new rows and on the training rows: its interval holds, also after a choice."""

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError, Status
from fathometer.generalization.ledger._intervals import betting_interval, interval, share_interval
from fathometer.generalization.ledger._overfitting import Overfitting, overfitting
from fathometer.generalization.ledger._strict import require_record

DRAWS = 300


def misses_allowed(delta: float) -> int:
    """More failures than this come by chance once in a million, if each has probability delta."""
    return int(stats.binom.ppf(1 - 1e-6, DRAWS, delta))


def errors(count: int, n: int) -> np.ndarray:
    return np.repeat([1.0, 0.0], [count, n - count])


def asked(train: float, held: float, n: int = 400, constant: float = 0.4, certificate: float | None = 0.1):
    k, j = round(held * n), round(constant * n)
    return overfitting(errors(round(train * 1000), 1000), errors(k, n), errors(j, n), certificate)


def test_the_interval_of_an_error_rate_is_clopper_and_pearsons():
    answer = asked(0.02, 0.1)
    exact = stats.binomtest(40, 400).proportion_ci(0.95, "exact")
    assert (answer.held_out_risk.lower, answer.held_out_risk.upper) == pytest.approx(exact, abs=1e-12)
    assert answer.gap.lower == pytest.approx(exact.low - 0.02, abs=1e-12)
    assert answer.gap.upper == pytest.approx(exact.high - 0.02, abs=1e-12)
    assert answer.gap.lower <= exact.low - 0.02 + 1e-15
    assert answer.training_risk.value == 0.02


def test_a_model_that_overfits_is_said_to():
    answer = asked(0.0, 0.1)
    assert answer.status is Status.VIOLATED
    assert answer.sentence.startswith("overfits by at least 0.0724 and at most 0.134 with probability 0.95; ")
    assert answer.useful
    assert answer.sentence.endswith("the certificate 0.1 is below the risk of the majority class, 0.4 [0.351, 0.45]")


def test_a_gap_that_cannot_be_large_is_no_overfitting():
    answer = asked(0.1, 0.1, n=4000)
    assert answer.status is Status.HOLDS
    assert answer.sentence.startswith("no overfitting above 0.00972 can be hidden here, with probability 0.95")


def test_few_rows_do_not_decide():
    answer = asked(0.1, 0.1, n=40)
    assert answer.status is Status.UNDECIDED
    assert "no overfitting is shown, and none above 0.137 can be hidden here" in answer.sentence


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (0.5, "the certificate 0.5 is above the risk of the majority class, 0.4 [0.351, 0.45]: it says nothing of use"),
        (0.38, "is not below the interval of the majority class"),
        (None, "nothing is certified"),
    ],
)
def test_a_certificate_above_the_constant_prediction_says_nothing(certificate, words):
    answer = asked(0.02, 0.1, certificate=certificate)
    assert words in answer.sentence
    assert not answer.useful


def test_the_record_travels_and_passes_the_strict_reading_of_certificates():
    answer = asked(0.02, 0.1)
    saved = answer.to_json()
    require_record(Overfitting, saved)
    assert Overfitting.from_json(saved) == answer
    saved["training_risk"]["upper"] = 0.5
    with pytest.raises(InputError, match="training_risk must be one number three times, as it is exact"):
        require_record(Overfitting, saved)


@pytest.mark.parametrize("truth", [0.01, 0.2, 0.5])
def test_the_gap_lies_in_its_interval(truth):
    rng, misses = np.random.default_rng(3), 0
    for held in (rng.random((DRAWS, 90)) < truth).astype(float):
        gap = overfitting(errors(3, 100), held, held, None).gap
        misses += not gap.lower <= truth - 0.03 <= gap.upper
    assert misses <= misses_allowed(0.05)


def chosen_gap_misses(weighted: bool) -> int:
    """How often the interval misses the gap of the best of 40 equally good predictors, chosen on the held-out rows."""
    rng, truth, misses = np.random.default_rng(5), 0.3, 0
    weight = 1 / 40 if weighted else 1.0
    for _ in range(DRAWS):
        held = (rng.random((40, 80)) < truth).astype(float)
        best = held[np.argmin(held.sum(axis=1))]
        gap = overfitting(np.zeros(10), best, best, None, weight=weight).gap
        misses += not gap.lower <= truth <= gap.upper
    return misses


@pytest.mark.slow
def test_the_weight_pays_for_a_choice_on_the_held_out_rows():
    """Without it the interval of the best of 40 fails far too often: the negative control."""
    assert chosen_gap_misses(weighted=True) <= misses_allowed(0.05)
    assert chosen_gap_misses(weighted=False) > misses_allowed(0.05)


LAWS = {
    "uniform": (lambda rng: rng.random(150), 0.5),
    "mostly small": (lambda rng: rng.beta(0.2, 3, 150), 0.2 / 3.2),
    "rare and large": (lambda rng: 0.9 * (rng.random(150) < 0.03), 0.027),
}


@pytest.mark.parametrize("law", LAWS)
def test_betting_covers_the_mean(law):
    """Rows sorted by their loss, as a table sorted by class would have them, make no difference."""
    draw, mean = LAWS[law]
    rng, misses = np.random.default_rng(7), 0
    for _ in range(DRAWS):
        lower, upper = betting_interval(np.sort(draw(rng)), 0.05)
        misses += not lower <= mean <= upper
    assert misses <= misses_allowed(0.1)


def test_rows_that_are_copies_break_betting():
    """The negative control of its coverage: every loss counted six times."""
    rng = np.random.default_rng(9)
    ends = [betting_interval(np.repeat(rng.random(25), 6), 0.05) for _ in range(DRAWS)]
    assert sum(not low <= 0.5 <= high for low, high in ends) > misses_allowed(0.1)


def test_betting_is_close_to_the_gaussian_width():
    losses = np.random.default_rng(11).beta(2, 20, 2000)
    lower, upper = betting_interval(losses, 0.025)
    gaussian = 2 * 1.96 * losses.std() / np.sqrt(2000)
    assert gaussian < upper - lower < 1.6 * gaussian


def test_ends_stay_in_the_unit_interval():
    assert share_interval(0, 0, 0.1) == (0.0, 1.0)
    assert interval(np.zeros(5), 0.025)[0] == 0
    assert interval(np.ones(5), 0.025)[1] == 1
    assert betting_interval(np.full(3, 0.5), 1e-6) == (pytest.approx(0, abs=0.05), pytest.approx(1, abs=0.05))


@pytest.mark.parametrize(
    ("training", "held", "constant", "words"),
    [
        ([0.5], [1.5], [1.0], r"held-out losses must lie in \[0, 1\], got 1.5"),
        ([], [1.0], [1.0], "training losses must be of at least one row, got none"),
        ([0.5], [1.0, 0.0], [1.0], "must be of the 2 held-out rows, got 1"),
        ([np.nan], [1.0], [1.0], "training losses must be finite"),
    ],
)
def test_bad_losses_are_refused(training, held, constant, words):
    with pytest.raises(InputError, match=words):
        overfitting(training, held, constant, 0.1)
