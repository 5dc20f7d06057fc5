import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

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
    Prediction,
    Status,
    Within,
    WithProbability,
    judge,
)

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
