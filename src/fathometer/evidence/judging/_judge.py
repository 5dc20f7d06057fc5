"""The one judge: compares a prediction with an estimate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence.judging._prediction import (
    AtLeast,
    AtMost,
    Direction,
    GrowthExponent,
    IntervalPrediction,
    Monotone,
    NotAfter,
    NotBefore,
    Positive,
    Prediction,
    Within,
    WithProbability,
)
from fathometer.evidence.judging._verdict import Answer, Check, Status, Verdict
from fathometer.evidence.runs._twins import spread, widened
from fathometer.evidence.values._axis import AxisKind
from fathometer.evidence.values._estimate import Estimate, Kind
from fathometer.evidence.values._input import InputError
from fathometer.evidence.values._shown import text_confidence, text_down, text_near, text_up
from fathometer.evidence.values._statistics import binomial_lower_tail, binomial_upper_tail, slope_interval

_LEAST_POSITIVE = 5e-324


@dataclass(frozen=True)
class Finding:
    """Status, margin and sentence of a comparison, before it is tied to a theorem."""

    status: Status
    margin: float | None
    sentence: str


def judge(
    prediction: Prediction,
    measured: Estimate,
    theorem: str = "",
    checks: tuple[Check, ...] = (),
    others: Sequence[Estimate] = (),
) -> Verdict:
    """Compare a prediction with an estimate.

    HOLDS and VIOLATED are said only when the whole error bars of both sides allow nothing else; NaN is UNDECIDED.
    A hypothesis that fails makes the verdict INAPPLICABLE, one that is undecidable here makes it UNDECIDED at best.

    Args:
        prediction: any member of the algebra.
        measured: of a shape that broadcasts with the bounds; for `Monotone`, `GrowthExponent` and draws under
            `WithProbability`, with the axis or the draws in front.
        theorem: id to name in the verdict.
        checks: answers of the theorem's hypotheses.
        others: the same from twins of the run; the difference counts as error. For `Monotone` it is that of the
            largest step back, because the errors of neighbours are alike.

    Raises:
        InputError: if shapes do not broadcast, or an axis is needed and missing.
    """
    if failing := [check for check in checks if check.answer is Answer.FAILS]:
        return inapplicable(failing, measured, theorem, checks)
    known = widened(measured, others)
    finding = (
        compare(prediction, known) if not isinstance(prediction, Monotone) else _monotone(prediction, measured, others)
    )
    measured = known
    status, sentence = finding.status, finding.sentence
    open_checks = [check.hypothesis for check in checks if check.answer is Answer.UNDECIDABLE]
    if open_checks and status in (Status.HOLDS, Status.VIOLATED):
        status, sentence = Status.UNDECIDED, f"{sentence}; but undecidable here: {', '.join(open_checks)}"
    return Verdict(status, finding.margin, sentence, theorem, prediction, known, checks)


def inapplicable(failing: list[Check], measured: Estimate | None, theorem: str, checks: tuple[Check, ...]) -> Verdict:
    """The verdict when hypotheses fail: it names the one that fails by most.

    Args:
        failing: the checks that fail, at least one.
        measured: what was measured, if it was.
        theorem: id to name in the verdict.
        checks: answers of all hypotheses.
    """
    worst = min(failing, key=lambda check: 0.0 if check.margin is None else check.margin)
    sentence = f"hypothesis '{worst.hypothesis}' fails: {worst.explanation}"
    return Verdict(Status.INAPPLICABLE, worst.margin, sentence, theorem, None, measured, checks)


def compare(prediction: Prediction, measured: Estimate, said: str = "predicted") -> Finding:
    """Compare without regard to hypotheses; see `judge`.

    Args:
        prediction: any member of the algebra.
        measured: as `judge` takes it.
        said: how the sentence calls an interval: predicted by a theorem, or required by a hypothesis.

    Raises:
        InputError: as `judge` does.
    """
    match prediction:
        case IntervalPrediction():
            return _summarise(prediction, measured, *_elementwise(prediction, measured), said)
        case Monotone():
            return _monotone(prediction, measured)
        case GrowthExponent():
            return _growth(prediction, measured)
        case WithProbability():
            return _probability(prediction, measured)
    raise InputError(f"no rule judges a {type(prediction).__name__}")


def edges(prediction: IntervalPrediction) -> tuple[Estimate | None, Estimate | None]:
    """Lower and upper edge of what is predicted; None where there is none.

    Raises:
        InputError: if the prediction is of no known form.
    """
    match prediction:
        case AtMost(bound) | NotAfter(bound):
            return None, Estimate.of(bound)
        case AtLeast(bound) | NotBefore(bound):
            return Estimate.of(bound), None
        case Positive():
            return Estimate.exact(_LEAST_POSITIVE), None
        case Within(lower, upper):
            return Estimate.of(lower), Estimate.of(upper)
    raise InputError(f"no rule judges a {type(prediction).__name__}")


def _elementwise(prediction: IntervalPrediction, measured: Estimate) -> tuple[NDArray, NDArray]:
    """Status and margin of every element.

    Raises:
        InputError: if the shapes do not broadcast.
    """
    low, high = edges(prediction)
    try:
        certain = _room(low, high, measured, "lower", "upper")
        possible = _room(low, high, measured, "upper", "lower")
        of_values = _room(low, high, measured, "value", "value")
    except ValueError as error:
        raise InputError(f"prediction and measurement do not fit: {error}") from error
    status = np.where(certain >= 0, Status.HOLDS, np.where(possible < 0, Status.VIOLATED, Status.UNDECIDED))
    margin = np.select([status == Status.HOLDS, status == Status.VIOLATED], [certain, possible], of_values)
    status = np.where(np.isnan(of_values), Status.UNDECIDED, status)
    lowest, highest = prediction.domain
    covers_low = low is None or np.asarray(low.upper) <= (-math.inf if lowest is None else lowest)
    covers_high = high is None or np.asarray(high.lower) >= (math.inf if highest is None else highest)
    status = np.where(covers_low & covers_high & (status != Status.VIOLATED), Status.VACUOUS, status)
    return status, margin


def _room(low: Estimate | None, high: Estimate | None, measured: Estimate, inner: str, outer: str) -> NDArray:
    """Distance of the measurement's `inner` end from the lower edge's `outer` end, and likewise from the upper edge."""
    sides = [] if low is None else [_gap(getattr(measured, inner), getattr(low, outer))]
    sides += [] if high is None else [_gap(getattr(high, inner), getattr(measured, outer))]
    return np.minimum.reduce(np.broadcast_arrays(*sides))


def _gap(larger: NDArray | float, smaller: NDArray | float) -> NDArray:
    """`larger - smaller`, with inf - inf = 0: an infinite bound that is met is met without room."""
    larger, smaller = np.broadcast_arrays(np.asarray(larger, np.float64), np.asarray(smaller, np.float64))
    equal = larger == smaller
    return np.where(equal, 0.0, np.where(equal, 0.0, larger) - np.where(equal, 0.0, smaller))


def _summarise(
    prediction: IntervalPrediction, measured: Estimate, status: NDArray, margin: NDArray, said: str = "predicted"
) -> Finding:
    for worst in (Status.VIOLATED, Status.UNDECIDED, Status.HOLDS, Status.VACUOUS):
        chosen = status == worst
        if np.any(chosen):
            break
    else:
        return Finding(Status.UNDECIDED, None, "nothing was measured")
    order = np.where(chosen, np.where(np.isnan(margin), -math.inf, margin), math.inf)
    index = tuple(int(i) for i in np.unravel_index(np.argmin(order), order.shape))
    low, high = (edge and _at(edge, index, status.shape) for edge in edges(prediction))
    at = _at(measured, index, status.shape)
    digits = _digits(worst, margin[index], at)
    seen = "nothing to measure here" if np.isnan(at.value) else f"{at.text(digits)} measured"
    sentence = f"{seen}, {said} {_range(low, high, digits)}{_where(measured, index)}"
    if worst is Status.VACUOUS:
        return Finding(worst, None, f"{sentence}, which every possible value satisfies")
    if measured.kind is Kind.HEURISTIC:
        sentence += " (heuristic error bars)"
    if measured.kind is Kind.SAMPLED:
        sentence += f" (at confidence {text_down(measured.confidence or 0, 12)})"
    if np.isnan(margin[index]):
        return Finding(Status.UNDECIDED, None, sentence)
    return Finding(worst, _finite(margin[index]), sentence)


def _at(estimate: Estimate, index: tuple[int, ...], shape: tuple[int, ...]) -> Estimate:
    value, lower, upper = (
        float(np.broadcast_to(part, shape)[index]) for part in (estimate.value, estimate.lower, estimate.upper)
    )
    return Estimate(value, lower, upper, estimate.kind, estimate.confidence)


def _digits(status: Status, margin: float, at: Estimate) -> int:
    """Enough to see what is said: six, but all where a violation is finer than that."""
    fine = status is Status.VIOLATED and abs(margin) < 1e-4 * abs(float(at.value))
    return 17 if fine else 6


def _range(low: Estimate | None, high: Estimate | None, digits: int) -> str:
    """What is predicted, with a lower edge rounded down and an upper edge rounded up."""
    least, most = (edge and _edge(edge, digits, down) for edge, down in ((low, True), (high, False)))
    if low is None or high is None:
        alone = f"at most {most}" if low is None else f"at least {least}"
        return "positive" if low is not None and low.value == _LEAST_POSITIVE else alone
    return f"between {least} and {most}"


def _edge(edge: Estimate, digits: int, down: bool) -> str:
    if edge.lower < edge.upper and edge.kind is not Kind.EXACT:
        return edge.text(digits)
    return (text_down if down else text_up)(edge.value, digits)


def _where(measured: Estimate, index: tuple[int, ...]) -> str:
    if np.size(measured.value) <= 1:
        return ""
    if measured.along is None:
        return f", tightest of {np.size(measured.value)} at index {index}"
    return f", tightest of {len(measured.along)} at {measured.along.label} {text_near(measured.along.points[index[0]])}"


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def _monotone(prediction: Monotone, measured: Estimate, others: Sequence[Estimate] = ()) -> Finding:
    if any(len(np.atleast_1d(each.value)) < 2 or np.any(np.isnan(each.value)) for each in (measured, *others)):
        return Finding(Status.UNDECIDED, None, "monotonicity needs at least two numbers and no NaN")
    certain, possible, of_values = _least_gaps(prediction, measured)
    error = spread(of_values, (_least_gaps(prediction, other)[2] for other in others))
    certain, possible = certain - error, possible + error
    back = text_near(max(0.0, prediction.slack - of_values), 3)
    sentence = f"largest step back {back} over {np.size(measured.value)} points"
    sentence += f", predicted {prediction.direction} with slack {text_up(prediction.slack, 3)}"
    if certain >= 0:
        return Finding(Status.HOLDS, _finite(certain), sentence)
    if possible < 0:
        return Finding(Status.VIOLATED, _finite(possible), sentence)
    return Finding(Status.UNDECIDED, _finite(of_values), f"{sentence}; error bars straddle")


def _least_gaps(prediction: Monotone, measured: Estimate) -> tuple[float, float, float]:
    """Least room of a step, surely, possibly and by the values: negative if it goes back by more than the slack."""
    value, lower, upper = (np.atleast_1d(part) for part in (measured.value, measured.lower, measured.upper))
    if prediction.direction is Direction.DECREASING:
        value, lower, upper = -value, -upper, -lower
    gaps = (
        _gap(after[1:], np.maximum.accumulate(before)[:-1]) + prediction.slack
        for after, before in ((lower, upper), (upper, lower), (value, value))
    )
    certain, possible, of_values = (float(np.min(gap)) for gap in gaps)
    return certain, possible, of_values


def _growth(prediction: GrowthExponent, measured: Estimate) -> Finding:
    axis = measured.along
    if axis is None:
        raise InputError("a growth exponent needs a measurement along an axis")
    is_log = axis.kind is AxisKind.LOG_TIME
    lower, upper = np.asarray(measured.lower), np.asarray(measured.upper)
    usable = np.all(lower > 0) and np.all(np.isfinite(upper))
    if len(axis) < 3 or not usable or not (is_log or np.all(axis.points > 0)):
        return Finding(Status.UNDECIDED, None, "a growth exponent needs three points, all positive and finite")
    x = axis.points if is_log else np.log(axis.points)
    y, y_low, y_high = (np.log(part) for part in (measured.value, lower, upper))
    slope, low, high = slope_interval(x, y, prediction.confidence)
    weights = (x - x.mean()) / float((x - x.mean()) @ (x - x.mean()))
    rounding = 16 * np.finfo(float).eps * (1 + abs(slope))
    low -= rounding + float(np.abs(weights) @ (y - y_low))
    high += rounding + float(np.abs(weights) @ (y_high - y))
    exponent = Estimate.sampled(slope, low, high, prediction.confidence)
    finding = compare(Within(prediction.lower, prediction.upper), exponent)
    return Finding(finding.status, finding.margin, f"exponent {finding.sentence}")


def _probability(prediction: WithProbability, measured: Estimate) -> Finding:
    status, margin = _elementwise(prediction.claim, measured)
    if status.size == 1:
        finding = _summarise(prediction.claim, measured, status, margin)
        sentence = f"{finding.sentence}, with probability at least {text_confidence(prediction.delta)}"
        if finding.status is Status.VIOLATED:
            return Finding(Status.UNDECIDED, finding.margin, f"{sentence}: this one draw fails, as a few may")
        return Finding(finding.status, finding.margin, sentence)
    if np.all(status == Status.VACUOUS):
        return Finding(Status.VACUOUS, None, f"every one of {status.size} draws is vacuous")
    draws = status.size
    surely = int(np.sum(status == Status.VIOLATED))
    maybe = int(np.sum((status == Status.VIOLATED) | (status == Status.UNDECIDED)))
    sentence = f"{surely} of {draws} draws fail"
    sentence += f" ({maybe - surely} undecided)" if maybe > surely else ""
    sentence += f", predicted at most a fraction {text_up(prediction.delta)}"
    room = prediction.delta - maybe / draws
    if binomial_upper_tail(surely, draws, prediction.delta) <= prediction.alpha:
        return Finding(Status.VIOLATED, prediction.delta - surely / draws, sentence)
    if binomial_lower_tail(maybe, draws, prediction.delta) <= prediction.alpha:
        return Finding(Status.HOLDS, room, sentence)
    return Finding(Status.UNDECIDED, room, f"{sentence}: too few draws to tell")
