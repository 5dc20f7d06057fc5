import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from fathometer.evidence import (
    Answer,
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Check,
    Estimate,
    GrowthExponent,
    InputError,
    Monotone,
    NotAfter,
    NotBefore,
    Positive,
    Prediction,
    Status,
    Within,
    WithProbability,
    judge,
)
from fathometer.evidence.judging._judge import edges
from fathometer.evidence.judging._prediction import IntervalPrediction
from fathometer.evidence.values._statistics import binomial_lower_tail, binomial_upper_tail

INF, NAN = math.inf, math.nan
HOLDS, VIOLATED, VACUOUS, INAPPLICABLE, UNDECIDED = Status


def around(value: float, radius: float = 0.1) -> Estimate:
    return Estimate.enclosed(value, value - radius, value + radius)


def along(values, points=None, kind: AxisKind = AxisKind.TIME, **interval) -> Estimate:
    axis = Axis(kind, np.arange(1.0, len(values) + 1) if points is None else np.asarray(points, float))
    if interval:
        return Estimate.enclosed(values, **interval, along=axis)
    return Estimate.exact(values, along=axis)


ONE_SIDED = [
    # prediction, measured, status, margin
    (AtMost(1.0), Estimate.exact(0.5), HOLDS, 0.5),
    (AtMost(1.0), Estimate.exact(1.0), HOLDS, 0.0),
    (AtMost(1.0), Estimate.exact(1.5), VIOLATED, -0.5),
    (AtMost(1.0), around(0.8), HOLDS, 0.1),
    (AtMost(1.0), around(1.2), VIOLATED, -0.1),
    (AtMost(1.0), around(0.95), UNDECIDED, 0.05),
    (AtMost(1.0), around(1.05), UNDECIDED, -0.05),
    (AtMost(around(1.0)), Estimate.exact(0.95), UNDECIDED, 0.05),
    (AtMost(around(1.0)), Estimate.exact(0.9), HOLDS, 0.0),
    (AtMost(around(1.0)), around(1.3), VIOLATED, -0.1),
    (AtMost(INF), Estimate.exact(1e300), VACUOUS, None),
    (AtMost(INF), Estimate.exact(INF), VACUOUS, None),
    (AtMost(INF), Estimate.exact(NAN), VACUOUS, None),
    (AtMost(-INF), Estimate.exact(0.0), VIOLATED, None),
    (AtMost(-INF), Estimate.exact(-INF), HOLDS, 0.0),
    (AtMost(1.0), Estimate.exact(INF), VIOLATED, None),
    (AtMost(1.0), Estimate.exact(-INF), HOLDS, None),
    (AtMost(1.0), Estimate.exact(NAN), UNDECIDED, None),
    (AtMost(NAN), Estimate.exact(0.0), UNDECIDED, None),
    (AtMost(NAN), Estimate.exact(NAN), UNDECIDED, None),
    (AtMost(1.0), Estimate.enclosed(0.5, -INF, INF), UNDECIDED, 0.5),
    (AtMost(1.0, (0.0, 1.0)), Estimate.exact(0.5), VACUOUS, None),
    (AtMost(1.3, (0.0, 1.0)), around(0.5), VACUOUS, None),
    (AtMost(around(1.0), (0.0, 1.0)), around(0.5), HOLDS, 0.3),
    (AtMost(0.9, (0.0, 1.0)), Estimate.exact(0.5), HOLDS, 0.4),
    (AtMost(1.0, (0.0, 1.0)), Estimate.exact(1.5), VIOLATED, -0.5),
    (AtLeast(1.0), Estimate.exact(1.5), HOLDS, 0.5),
    (AtLeast(1.0), Estimate.exact(1.0), HOLDS, 0.0),
    (AtLeast(1.0), Estimate.exact(0.5), VIOLATED, -0.5),
    (AtLeast(1.0), around(1.05), UNDECIDED, 0.05),
    (AtLeast(-INF), Estimate.exact(0.0), VACUOUS, None),
    (AtLeast(0.0, (0.0, None)), Estimate.exact(0.0), VACUOUS, None),
    (AtLeast(INF), Estimate.exact(0.0), VIOLATED, None),
    (AtLeast(1.0), Estimate.exact(NAN), UNDECIDED, None),
    (AtLeast(NAN), Estimate.exact(1.0), UNDECIDED, None),
    (Within(1.0, 2.0), Estimate.exact(1.25), HOLDS, 0.25),
    (Within(1.0, 2.0), Estimate.exact(2.5), VIOLATED, -0.5),
    (Within(1.0, 2.0), Estimate.exact(0.5), VIOLATED, -0.5),
    (Within(1.0, 2.0), around(1.95), UNDECIDED, 0.05),
    (Within(1.0, 1.0), Estimate.exact(1.0), HOLDS, 0.0),
    (Within(-INF, INF), Estimate.exact(1.0), VACUOUS, None),
    (Within(0.0, 1.0, (0.0, 1.0)), Estimate.exact(0.5), VACUOUS, None),
    (Within(1.0, NAN), Estimate.exact(1.0), UNDECIDED, None),
    (NotBefore(3.0), around(4.0), HOLDS, 0.9),
    (NotBefore(3.0), around(2.0), VIOLATED, -0.9),
    (NotBefore(3.0), around(3.0), UNDECIDED, 0.0),
    (NotBefore(3.0), Estimate.enclosed(INF, 5.0, INF), HOLDS, 2.0),
    (NotBefore(3.0), Estimate.enclosed(INF, 2.0, INF), UNDECIDED, None),
    (NotBefore(0.0), around(4.0), VACUOUS, None),
    (NotBefore(NAN), around(4.0), UNDECIDED, None),
    (NotAfter(3.0), around(2.0), HOLDS, 0.9),
    (NotAfter(3.0), around(4.0), VIOLATED, -0.9),
    (NotAfter(3.0), Estimate.enclosed(INF, 5.0, INF), VIOLATED, -2.0),
    (NotAfter(3.0), Estimate.enclosed(INF, 2.0, INF), UNDECIDED, None),
    (NotAfter(INF), around(4.0), VACUOUS, None),
]


@pytest.mark.parametrize(("prediction", "measured", "status", "margin"), ONE_SIDED)
def test_interval_predictions(prediction, measured, status, margin):
    verdict = judge(prediction, measured)
    assert verdict.status is status
    assert verdict.margin == (None if margin is None else pytest.approx(margin, abs=1e-12))
    assert verdict.explanation
    assert "\n" not in verdict.explanation


def test_an_array_is_judged_by_its_worst_element():
    bound = Estimate.exact([1.0, 2.0, 3.0])
    verdict = judge(AtMost(bound), along([0.5, 1.9, 2.0]))
    assert (verdict.status, verdict.margin) == (HOLDS, pytest.approx(0.1))
    assert "at time 2" in verdict.explanation
    assert judge(AtMost(bound), along([0.5, 2.5, 3.2])).margin == pytest.approx(-0.5)
    assert judge(AtMost(bound), along([0.5, 2.5, NAN])).status is VIOLATED
    assert judge(AtMost(bound), along([0.5, 1.5, NAN])).status is UNDECIDED
    assert "index (1,)" in judge(AtMost(bound), Estimate.exact([0.5, 1.9, 2.0])).explanation


def test_a_bound_is_vacuous_only_where_all_of_it_is():
    domain = (0.0, 1.0)
    assert judge(AtMost(np.array([1.0, 2.0]), domain), Estimate.exact([0.1, 0.2])).status is VACUOUS
    verdict = judge(AtMost(np.array([0.5, 2.0]), domain), Estimate.exact([0.1, 0.2]))
    assert (verdict.status, verdict.margin) == (HOLDS, 0.4)


def test_nothing_measured_is_undecided():
    assert judge(AtMost(1.0), Estimate.exact(np.zeros(0))).status is UNDECIDED


def test_shapes_must_fit():
    with pytest.raises(InputError, match="do not fit"):
        judge(AtMost(np.ones(2)), Estimate.exact(np.ones(3)))


@given(st.floats(-10, 10), st.floats(0, 3), st.floats(-10, 10), st.floats(0, 3))
def test_a_certain_verdict_is_true_of_every_pair_that_the_error_bars_allow(value, radius, bound, width):
    verdict = judge(AtMost(around(bound, width)), around(value, radius))
    if verdict.status is HOLDS:
        assert value + radius <= bound - width
    elif verdict.status is VIOLATED:
        assert value - radius > bound + width
    else:
        assert value - radius <= bound + width
        assert value + radius > bound - width


@given(st.floats(-10, 10), st.floats(0, 3), st.floats(-10, 10))
def test_at_least_mirrors_at_most(value, radius, bound):
    one, other = judge(AtMost(bound), around(value, radius)), judge(AtLeast(-bound), around(-value, radius))
    assert one.status is other.status
    assert one.margin == pytest.approx(other.margin)


MONOTONE = [
    (Monotone("increasing"), along([1, 2, 2, 3]), HOLDS, 0.0),
    (Monotone("increasing"), along([1, 2, 1.5, 3]), VIOLATED, -0.5),
    (Monotone("increasing", slack=0.5), along([1, 2, 1.5, 3]), HOLDS, 0.0),
    (Monotone("increasing"), along([3, 2.9, 2.8, 2.7]), VIOLATED, -0.3),
    (Monotone("decreasing"), along([3, 2, 1]), HOLDS, 1.0),
    (Monotone("decreasing"), along([3, 2, 2.5]), VIOLATED, -0.5),
    (Monotone("increasing"), along([1, 2, 3], lower=[0.5, 1.6, 2.7], upper=[1.5, 2.4, 3.3]), HOLDS, 0.1),
    (Monotone("increasing"), along([1, 1.2], lower=[0.8, 1.0], upper=[1.1, 1.4]), UNDECIDED, 0.2),
    (Monotone("increasing"), along([2, 1], lower=[1.9, 0.9], upper=[2.1, 1.1]), VIOLATED, -0.8),
    (Monotone("increasing"), along([1, NAN, 2]), UNDECIDED, None),
    (Monotone("increasing"), along([1]), UNDECIDED, None),
    (Monotone("increasing"), Estimate.exact(1.0), UNDECIDED, None),
    (Monotone("increasing"), along([1, INF, INF]), HOLDS, 0.0),
    (Monotone("increasing"), along([1, INF, 2]), VIOLATED, None),
]


@pytest.mark.parametrize(("prediction", "measured", "status", "margin"), MONOTONE)
def test_monotone_predictions(prediction, measured, status, margin):
    verdict = judge(prediction, measured)
    assert verdict.status is status
    assert verdict.margin == (None if margin is None else pytest.approx(margin))


class TestGrowth:
    points = np.array([1.0, 2, 4, 8, 16])

    def test_an_exact_power_is_found_exactly(self):
        verdict = judge(GrowthExponent(2.0, 2.0), along(3 * self.points**2, self.points))
        assert verdict.status is UNDECIDED  # an interval of positive width never lies inside a point
        assert judge(GrowthExponent(1.99, 2.01), along(3 * self.points**2, self.points)).status is HOLDS
        assert judge(GrowthExponent(2.5, 3.0), along(3 * self.points**2, self.points)).status is VIOLATED

    def test_noise_widens_the_interval(self):
        noisy = along(self.points * [1.0, 1.3, 0.8, 1.2, 0.9], self.points)
        assert judge(GrowthExponent(0.99, 1.01), noisy).status is UNDECIDED
        assert judge(GrowthExponent(0.0, 2.0), noisy).status is HOLDS

    def test_error_bars_widen_it_too(self):
        sharp = along(self.points, self.points, lower=self.points / 2, upper=self.points * 2)
        assert judge(GrowthExponent(0.9, 1.1), sharp).status is UNDECIDED

    @pytest.mark.slow
    def test_the_interval_covers_at_its_confidence(self):
        rng = np.random.default_rng(0)
        runs = self.points**1.5 * np.exp(0.3 * rng.standard_normal((2000, 5)))
        missed = sum(judge(GrowthExponent(1.5, 1.5, 0.9), along(y, self.points)).status is VIOLATED for y in runs)
        assert missed == pytest.approx(200, abs=60)

    def test_log_time_is_used_as_it_is(self):
        series = along(np.exp(2 * self.points), self.points, AxisKind.LOG_TIME)
        assert judge(GrowthExponent(1.99, 2.01), series).status is HOLDS

    @pytest.mark.parametrize("values", [[1, 2], [1, 0, 3], [1, NAN, 3], [1, INF, 3], [1, -2, 3]])
    def test_what_has_no_logarithm_is_undecided(self, values):
        assert judge(GrowthExponent(0.0, 1.0), along(values)).status is UNDECIDED

    def test_an_axis_is_needed(self):
        with pytest.raises(InputError, match="needs a measurement along an axis"):
            judge(GrowthExponent(0.0, 1.0), Estimate.exact([1.0, 2.0, 3.0]))


class TestProbability:
    claim = WithProbability(AtMost(0.0, (-1.0, 1.0)), delta=0.05)

    def draws(self, failures: int, total: int = 2000) -> Estimate:
        return Estimate.exact(np.where(np.arange(total) < failures, 1.0, -1.0))

    @pytest.mark.parametrize(
        ("failures", "status"),
        # from the exact binomial tails at 1e-6: P(Bin(2000, .05) <= 56) = 6.9e-7 and P(>= 150) = 9.6e-7
        [
            (0, HOLDS),
            (56, HOLDS),
            (57, UNDECIDED),
            (100, UNDECIDED),
            (149, UNDECIDED),
            (150, VIOLATED),
            (2000, VIOLATED),
        ],
    )
    def test_draws_are_judged_by_the_exact_binomial_test(self, failures, status):
        verdict = judge(self.claim, self.draws(failures))
        assert verdict.status is status
        assert verdict.margin == pytest.approx(0.05 - failures / 2000)
        assert f"{failures} of 2000 draws fail" in verdict.explanation

    def test_undecided_draws_count_against_whoever_claims(self):
        wide = Estimate.enclosed(np.full(2000, -0.5), -1.0, 1.0)
        assert judge(self.claim, wide).status is UNDECIDED

    def test_one_draw_can_only_fail_to_contradict(self):
        assert judge(self.claim, Estimate.exact(-0.5)).status is HOLDS
        assert judge(self.claim, Estimate.exact(0.5)).status is UNDECIDED
        assert judge(self.claim, Estimate.exact(NAN)).status is UNDECIDED
        assert judge(self.claim, Estimate.exact([0.5])).status is UNDECIDED

    def test_vacuous_claims_stay_vacuous(self):
        empty = WithProbability(AtMost(1.0, (0.0, 1.0)), delta=0.05)
        assert judge(empty, Estimate.exact(0.5)).status is VACUOUS
        assert judge(empty, Estimate.exact(np.full(10, 0.5))).status is VACUOUS


class TestChecks:
    holds = Check("a", Answer.HOLDS, 1.0, "yes")
    fails = Check("b", Answer.FAILS, -2.0, "short by 2")
    fails_less = Check("c", Answer.FAILS, -0.5, "short by 0.5")
    open = Check("d", Answer.UNDECIDABLE, None, "unknown")

    def test_a_failing_hypothesis_makes_it_inapplicable_by_so_much(self):
        verdict = judge(AtMost(1.0), Estimate.exact(5.0), "t", (self.holds, self.fails_less, self.fails, self.open))
        assert (verdict.status, verdict.margin) == (INAPPLICABLE, -2.0)
        assert "'b' fails: short by 2" in verdict.explanation

    @pytest.mark.parametrize("value", [0.5, 1.5])
    def test_an_open_hypothesis_leaves_it_undecided(self, value):
        verdict = judge(AtMost(1.0), Estimate.exact(value), "t", (self.holds, self.open))
        assert verdict.status is UNDECIDED
        assert "undecidable here: d" in verdict.explanation

    def test_an_open_hypothesis_does_not_rescue_an_empty_claim(self):
        assert judge(AtMost(INF), Estimate.exact(0.0), "t", (self.open,)).status is VACUOUS

    def test_checks_that_hold_change_nothing(self):
        assert judge(AtMost(1.0), Estimate.exact(0.5), "t", (self.holds,)).status is HOLDS


def test_nan_never_holds():
    axis = Axis(AxisKind.STEP, np.arange(1.0, 4))
    nothing = Estimate.exact([NAN, 1.0, 2.0], along=axis)
    for prediction in (
        AtMost(1.0),
        AtLeast(1.0),
        Within(0.0, 3.0),
        NotBefore(1.0),
        NotAfter(9.0),
        Monotone("increasing"),
        GrowthExponent(0.0, 9.0),
        WithProbability(AtMost(9.0), 0.5),
    ):
        assert judge(prediction, nothing).status is not HOLDS


def test_error_bars_that_prove_nothing_are_named():
    assert "heuristic" in judge(AtMost(1.0), Estimate.heuristic(0.5, 0.4, 0.6)).explanation
    assert "at confidence 0.9" in judge(AtMost(1.0), Estimate.sampled(0.5, 0.4, 0.6, 0.9)).explanation


def test_the_algebra_is_closed():
    with pytest.raises(InputError, match="no rule judges a Prediction"):
        judge(Prediction(), Estimate.exact(0.0))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Monotone("sideways"), "sideways"),
        (lambda: Monotone("increasing", -1.0), "slack must be >= 0"),
        (lambda: GrowthExponent(2.0, 1.0), "upper exponent must be >= 2, got 1.0"),
        (lambda: GrowthExponent(0.0, 1.0, 1.0), "confidence must be > 0 and < 1"),
        (lambda: WithProbability(AtMost(0.0), 0.0), "delta must be > 0 and < 1, got 0.0"),
        (lambda: WithProbability(AtMost(0.0), NAN), "delta must be finite and > 0 and < 1, got nan"),
        (lambda: AtMost(0.0, (0.0,)), "a lowest and a highest"),
    ],
)
def test_impossible_predictions_cannot_be_built(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_a_sabotaged_prediction_is_violated():
    honest = Monotone("increasing")
    series = along([1, 2, 3])
    assert judge(honest, series).status is HOLDS
    assert judge(replace(honest, direction="decreasing"), series).status is VIOLATED


class TestWhatIsSaid:
    """Sentences to the letter: they are all that a reader sees of a verdict."""

    @pytest.mark.parametrize(
        ("prediction", "measured", "sentence"),
        [
            (Monotone("increasing"), along([1, NAN]), "monotonicity needs at least two numbers and no NaN"),
            (
                Monotone("increasing"),
                along([1, 2, 1.87654]),
                "largest step back 0.123 over 3 points, predicted increasing with slack 0",
            ),
            (
                Monotone("decreasing", 0.123456),
                along([3, 3.1, 2, 1]),
                "largest step back 0.1 over 4 points, predicted decreasing with slack 0.124",
            ),
            (
                Monotone("increasing"),
                along([1, 2, 3]),
                "largest step back 0 over 3 points, predicted increasing with slack 0",
            ),
            (
                Monotone("increasing"),
                along([1, 1.2], lower=[0.8, 1.0], upper=[1.1, 1.4]),
                "largest step back 0 over 2 points, predicted increasing with slack 0; error bars straddle",
            ),
            (
                GrowthExponent(0.0, 1.0),
                along([1, 2]),
                "a growth exponent needs three points, all positive and finite",
            ),
            (
                WithProbability(AtMost(1.0, (0.0, 1.0)), 0.1),
                Estimate.exact(np.full(7, 0.5)),
                "every one of 7 draws is vacuous",
            ),
            (
                WithProbability(AtMost(0.0), 0.25),
                Estimate.enclosed([1.0, 0.0, -1.0], [1.0, -1.0, -1.0], [1.0, 1.0, -1.0]),
                "1 of 3 draws fail (1 undecided), predicted at most a fraction 0.25: too few draws to tell",
            ),
            (
                WithProbability(AtMost(0.0), 0.25),
                Estimate.exact([1.0, -1.0]),
                "1 of 2 draws fail, predicted at most a fraction 0.25: too few draws to tell",
            ),
            (
                WithProbability(AtMost(0.0), 0.25),
                Estimate.exact(1.0),
                "1 measured, predicted at most 0, with probability at least 0.75: this one draw fails, as a few may",
            ),
            (
                WithProbability(AtMost(0.0), 0.25),
                Estimate.exact(-1.0),
                "-1 measured, predicted at most 0, with probability at least 0.75",
            ),
            (AtMost(1.0), Estimate.exact(NAN), "nothing to measure here, predicted at most 1"),
            (AtMost(1.0), Estimate.exact(np.zeros(0)), "nothing was measured"),
            (AtLeast(0.1234567), Estimate.exact(0.7654321), "0.765432 measured, predicted at least 0.123456"),
            (AtMost(0.1234567), Estimate.exact(0.0), "0 measured, predicted at most 0.123457"),
            (
                Within(0.1234567, 0.7654321),
                Estimate.exact(0.5),
                "0.5 measured, predicted between 0.123456 and 0.765433",
            ),
            (Positive(), Estimate.exact(2.0), "2 measured, predicted positive"),
            (AtMost(around(1.0)), Estimate.exact(0.5), "0.5 measured, predicted at most 1 [0.9, 1.1]"),
            (AtMost(Estimate.heuristic(1.0, 1.0, 1.0)), Estimate.exact(0.5), "0.5 measured, predicted at most 1"),
            (
                AtMost(1.0, (0.0, 1.0)),
                Estimate.exact(0.5),
                "0.5 measured, predicted at most 1, which every possible value satisfies",
            ),
            (AtMost(1.0), Estimate.exact(1.0000001), "1.0000001 measured, predicted at most 1"),
            (AtMost(1.0), Estimate.exact(1.0002), "1.0002 measured, predicted at most 1"),
            (AtMost(3.0), Estimate.exact([1.0, 2.0]), "2 measured, predicted at most 3, tightest of 2 at index (1,)"),
            (
                AtMost(3.0),
                along([1.0, 2.0], [0.5, 1.23456789]),
                "2 measured, predicted at most 3, tightest of 2 at time 1.23457",
            ),
            (AtMost(3.0), Estimate.exact([1.0]), "1 measured, predicted at most 3"),
            (
                AtMost(1.0),
                Estimate.heuristic(0.5, 0.4, 0.6),
                "0.5 [0.4, 0.6] measured, predicted at most 1 (heuristic error bars)",
            ),
            (
                AtMost(1.0),
                Estimate.sampled(0.5, 0.4, 0.6, 0.999999),
                "0.5 [0.4, 0.6] measured, predicted at most 1 (at confidence 0.999999)",
            ),
        ],
    )
    def test_of_a_prediction(self, prediction, measured, sentence):
        assert judge(prediction, measured).explanation == sentence

    def test_of_an_exponent(self):
        points = np.array([1.0, 2, 4])
        said = judge(GrowthExponent(1.0, 3.0), along(points**2, points)).explanation
        assert said.startswith("exponent 2 [")
        assert said.endswith("] measured, predicted between 1 and 3 (at confidence 0.99)")

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: judge(Prediction(), Estimate.exact(0.0)), "^no rule judges a Prediction$"),
            (lambda: edges(IntervalPrediction()), "^no rule judges a IntervalPrediction$"),
            (
                lambda: judge(GrowthExponent(0.0, 1.0), Estimate.exact([1.0])),
                "^a growth exponent needs a measurement along an axis$",
            ),
            (
                lambda: judge(AtMost(np.ones(2)), Estimate.exact(np.ones(3))),
                "^prediction and measurement do not fit: .*broadcast",
            ),
            (lambda: WithProbability(AtMost(0.0), 0.5, 0.0), "^alpha must be > 0 and < 1, got 0.0$"),
            (lambda: WithProbability(AtMost(0.0), 0.5, 1.0), "^alpha must be > 0 and < 1, got 1.0$"),
            (lambda: WithProbability(AtMost(0.0), 1.0), "^delta must be > 0 and < 1, got 1.0$"),
            (lambda: GrowthExponent(0.0, 1.0, 0.0), "^confidence must be > 0 and < 1, got 0.0$"),
            (lambda: GrowthExponent(INF, 1.0), "^lower exponent must be finite, got inf$"),
            (lambda: Monotone("increasing", -1.0), "^slack must be >= 0, got -1.0$"),
            (
                lambda: AtMost(0.0, (0.0, 1.0, 2.0)),
                r"^a domain has a lowest and a highest value, got \(0.0, 1.0, 2.0\)$",
            ),
        ],
    )
    def test_of_what_cannot_be_judged_or_built(self, call, message):
        with pytest.raises(InputError, match=message):
            call()


def test_alpha_reaches_up_to_the_tail():
    """Verdicts are said where the tail is alpha exactly, and not where it is larger."""
    for failures, status, tail in ((9, VIOLATED, binomial_upper_tail), (0, HOLDS, binomial_lower_tail)):
        draws = Estimate.exact(np.where(np.arange(20) < failures, 1.0, -1.0))
        alpha = tail(failures, 20, 0.2)
        assert judge(WithProbability(AtMost(0.0), 0.2, alpha), draws).status is status
        assert judge(WithProbability(AtMost(0.0), 0.2, alpha * 0.999), draws).status is UNDECIDED


def test_the_margin_of_one_draw_is_that_of_the_claim():
    claim = WithProbability(AtMost(1.0), 0.1)
    assert judge(claim, Estimate.exact(0.25)).margin == 0.75
    assert judge(claim, Estimate.exact(3.0)).margin == -2.0


def test_an_undecided_draw_may_hide_a_failure():
    """It counts neither for a violation nor for a claim that holds."""
    maybe = Estimate.enclosed(np.zeros(2000), -1.0, np.where(np.arange(2000) < 60, 1.0, 0.0))
    verdict = judge(WithProbability(AtMost(0.5), 0.05), maybe)
    assert verdict.status is UNDECIDED
    assert verdict.margin == pytest.approx(0.05 - 60 / 2000)
    few = judge(WithProbability(AtMost(0.5), 0.05), Estimate.enclosed(np.zeros(2000), -1.0, np.eye(1, 2000)[0]))
    assert (few.status, few.margin) == (HOLDS, pytest.approx(0.05 - 1 / 2000))


class TestTwins:
    """Measurements of the same run made in other ways count as error."""

    def test_their_difference_widens_what_is_measured(self):
        verdict = judge(AtMost(1.0), Estimate.exact(0.5), others=[Estimate.exact(0.6)])
        assert (verdict.status, verdict.margin) == (HOLDS, pytest.approx(0.5 - 4 * 0.1))
        assert verdict.measured.upper == pytest.approx(0.9)
        assert judge(AtMost(1.0), Estimate.exact(0.5), others=[Estimate.exact(0.7)]).status is UNDECIDED

    def test_that_of_the_largest_step_back_widens_a_direction(self):
        own = along([1.0, 2.0, 2.5])
        near = judge(Monotone("increasing"), own, others=[along([5.0, 6.0, 6.4])])
        assert (near.status, near.margin) == (HOLDS, pytest.approx(0.5 - 4 * 0.1))
        far = judge(Monotone("increasing"), own, others=[along([5.0, 6.0, 6.4]), along([1.0, 2.0, 2.3])])
        assert (far.status, far.margin) == (UNDECIDED, pytest.approx(0.5))
        back = along([1.0, 2.0, 1.0])
        sure = judge(Monotone("increasing"), back, others=[along([1.0, 2.0, 1.1])])
        assert (sure.status, sure.margin) == (VIOLATED, pytest.approx(-1 + 4 * 0.1))
        unsure = judge(Monotone("increasing"), back, others=[along([1.0, 2.0, 1.3])])
        assert (unsure.status, unsure.margin) == (UNDECIDED, pytest.approx(-1.0))

    def test_one_that_is_not_a_number_leaves_a_direction_open(self):
        assert judge(Monotone("increasing"), along([1, 2]), others=[along([1, NAN])]).status is UNDECIDED


def test_error_bars_that_touch_leave_a_direction_open():
    touching = along([1.2, 0.8], lower=[1.0, 0.5], upper=[1.5, 1.0])
    verdict = judge(Monotone("increasing"), touching)
    assert (verdict.status, verdict.margin) == (UNDECIDED, pytest.approx(-0.4))
    falling = along([-1.2, -0.8], lower=[-1.5, -1.0], upper=[-1.0, -0.5])
    assert judge(Monotone("decreasing"), falling).margin == pytest.approx(-0.4)


def test_a_step_back_is_counted_from_the_highest_point_before():
    assert judge(Monotone("increasing"), along([1, 3, 2.5, 2.0])).margin == pytest.approx(-1.0)
    assert judge(Monotone("decreasing"), along([3, 1, 1.5, 2.0])).margin == pytest.approx(-1.0)


class TestExponents:
    """The interval is Student's, with rounding and with all that the error bars allow, against a plain computation."""

    points = np.array([1.0, 2.0, 4.0])
    values = np.array([1.0, 3.0, 5.0])

    def margins(self, below=1.0, above=1.0) -> tuple[float, float]:
        """Room above and below, from predictions that are open to one side."""
        series = along(self.values, self.points, lower=self.values * below, upper=self.values * above)
        return judge(GrowthExponent(-1e9, 999.0), series).margin, judge(GrowthExponent(-999.0, 1e9), series).margin

    def test_of_three_points(self):
        fit = stats.linregress(np.log(self.points), np.log(self.values))
        half = stats.t(1).ppf(0.995) * fit.stderr
        assert self.margins() == pytest.approx((999 - fit.slope - half, 999 + fit.slope - half), rel=1e-12)

    def test_with_error_bars(self):
        x = np.log(self.points)
        room = np.sum(np.abs(x - x.mean())) / np.sum((x - x.mean()) ** 2) * np.log(2)
        above, below = self.margins()
        assert self.margins(above=2.0) == pytest.approx((above - room, below), rel=1e-12)
        assert self.margins(below=0.5) == pytest.approx((above, below - room), rel=1e-12)

    def test_on_a_logarithmic_clock_that_starts_before_zero(self):
        logs = Axis(AxisKind.LOG_TIME, np.array([-1.0, 0.0, 1.0]))
        series = Estimate.exact(np.exp([-2.0, 0.0, 2.0]), along=logs)
        assert judge(GrowthExponent(1.99, 2.01), series).status is HOLDS

    @pytest.mark.parametrize("first", [0.0, -1.0])
    def test_of_times_without_logarithms(self, first):
        assert judge(GrowthExponent(0.0, 9.0), along([1, 2, 3], [first, 1.0, 2.0])).status is UNDECIDED


class TestDomains:
    """A prediction is empty where it covers all that the quantity can be, and only there."""

    @pytest.mark.parametrize(
        ("prediction", "vacuous"),
        [
            (Within(0.0, 1.0, (0.0, 1.0)), True),
            (Within(0.1, 1.0, (0.0, 1.0)), False),
            (Within(0.0, 0.9, (0.0, 1.0)), False),
            (Within(0.0, np.inf, (0.0, None)), True),
            (AtLeast(around(0.0), (0.0, 1.0)), False),
            (AtLeast(around(-0.1), (0.0, 1.0)), True),
            (AtMost(around(1.1), (0.0, 1.0)), True),
            (Positive((0.0, None)), False),
            (Positive((1.0, None)), True),
        ],
    )
    def test_is_empty(self, prediction, vacuous):
        assert (judge(prediction, Estimate.exact(0.5)).status is VACUOUS) == vacuous

    def test_the_worst_of_several_elements_is_told(self):
        verdict = judge(AtMost(np.array([1.0, 2.0, 3.0])), Estimate.exact([3.0, 2.5, -1.0]))
        assert (verdict.status, verdict.margin) == (VIOLATED, -2.0)
        assert "index (0,)" in verdict.explanation
        open_one = judge(AtMost(1.0), Estimate.enclosed([0.5, 0.75, 0.0], [0.0, 0.0, 0.0], [2.0, 2.0, 0.5]))
        assert (open_one.status, open_one.margin) == (UNDECIDED, 0.25)


def test_a_failing_hypothesis_keeps_what_was_measured_and_asked():
    measured, without_scale = Estimate.exact(5.0), Check("e", Answer.FAILS, None, "no")
    verdict = judge(AtMost(1.0), measured, "t", (TestChecks.fails_less, without_scale))
    assert (verdict.margin, verdict.measured, verdict.theorem) == (-0.5, measured, "t")
    assert (verdict.prediction, verdict.checks) == (None, (TestChecks.fails_less, without_scale))
    assert judge(AtMost(1.0), measured, "t", (without_scale,)).margin is None
    exactly = Check("f", Answer.FAILS, 0.0, "just")
    assert judge(AtMost(1.0), measured, "t", (without_scale, exactly)).explanation == "hypothesis 'e' fails: no"


def test_a_verdict_keeps_prediction_and_checks():
    verdict = judge(AtMost(1.0), Estimate.exact(0.5), "t", (TestChecks.holds, TestChecks.open))
    assert (verdict.theorem, verdict.prediction) == ("t", AtMost(1.0))
    assert verdict.checks == (TestChecks.holds, TestChecks.open)
    assert verdict.explanation == "0.5 measured, predicted at most 1; but undecidable here: d"
    undecided = judge(AtMost(1.0), around(1.0), "t", (TestChecks.open, TestChecks.open))
    assert "undecidable" not in undecided.explanation
    two = judge(AtMost(1.0), Estimate.exact(0.5), "t", (TestChecks.open, TestChecks.open))
    assert two.explanation.endswith("undecidable here: d, d")
