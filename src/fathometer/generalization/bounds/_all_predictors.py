"""Bounds for every predictor of a ball side by side: the smallest one, what it costs to choose it, and why it won."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fathometer.evidence import InputError, Record, text_up
from fathometer.generalization.bounds._bound import BoundValue
from fathometer.generalization.bounds._catalogue import bound, evaluate_bound
from fathometer.generalization.bounds._delta_account import split_delta
from fathometer.generalization.bounds.all_radii import shell_of
from fathometer.numerics import wide

IN_A_BALL = ("covering", "smooth_ball", "smooth_gauss", "smooth_increment", "chain_gauss")
"""Bounds for every predictor of a ball in R^d, whose gap depends on no data."""

_REASONS = {
    "covering": "a net pays no ln(2 sqrt(m)), which decides in few dimensions",
    "smooth_ball": "ball posteriors save up to d ln 2 over a net, for the price of ln(2 sqrt(m))",
    "smooth_gauss": "Gaussian posteriors save up to d ln 2 over a net, for the price of ln(2 sqrt(m))",
    "smooth_increment": "all of it but one Hoeffding term scales with L B, which is small",
    "chain_gauss": "it pays no logarithm of m",
    "rademacher_linear": "the predictors are linear, so that their number of parameters does not matter",
    "w1_route_a": "the ball is so small that moving twice by L B costs less than uniformity",
    "risk_transport": "the predictor is so near that moving the centre's certificate by L distance costs less",
}


@dataclass(frozen=True, eq=False)
class UniformRow(Record):
    """One candidate.

    Attributes:
        bound: id in the catalogue.
        value: bound on the risk; None if it overflows.
        delta_spent: the probability with which it may fail.
        vacuous: whether it says no more than that the loss is at most 1.
        terms: readable pieces of the value.
    """

    bound: str
    value: float | None
    delta_spent: float
    vacuous: bool
    terms: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class UniformComparison(Record):
    """Candidates, smallest value first.

    Attributes:
        rows: one for each candidate.
        winner: id of the smallest that is not vacuous; None if every one is.
        value: of the winner, and 1 if there is none: it holds with probability at least 1 - delta.
        delta: the probability with which the value may fail.
        reason: one sentence on what won and why.
    """

    rows: tuple[UniformRow, ...]
    winner: str | None
    value: float
    delta: float
    reason: str


def best_uniform(
    *,
    risk: float,
    lipschitz: float,
    radius: float,
    dim: int,
    m: int,
    delta: float,
    feature_norm: float | None = None,
    centre_risk: float | None = None,
    distance: float | None = None,
) -> UniformComparison:
    """The smallest of the bounds that hold for every predictor of a ball, after a fair split of delta.

    Bounds of the form "empirical risk plus a gap" whose gap depends on no data are compared before the sample is
    seen, so that the best of them costs nothing. The transport of the centre's certificate depends on the sample; where
    `centre_risk` is given it competes, and both sides get delta/2.

    Args:
        risk: empirical risk of the predictor, in [0, 1].
        lipschitz: of the loss in the parameters, for every data point.
        radius: of the ball around the data-free centre, fixed in advance.
        dim: number of parameters.
        m: sample size.
        delta: probability with which the value may fail.
        feature_norm: root mean square norm of an input, known without the sample, if the predictors are linear and
            `lipschitz` is that of the loss in the score.
        centre_risk: empirical risk of the centre on the same sample.
        distance: of the predictor from the centre, at most the radius, which stands in if it is left out.

    Raises:
        InputError: if a number is not in its range.
    """
    away = radius if distance is None else distance
    if away > radius:
        raise InputError(f"distance must be <= radius = {radius:g}, got {away:g}")
    share = delta if centre_risk is None else split_delta(delta, 2)
    reach = lipschitz * (feature_norm or 1.0)
    shared = {"lipschitz": reach, "m": m, "delta": share}
    rows = [_row(name, risk=risk, radius=radius, dim=dim, **shared) for name in IN_A_BALL]
    rows.append(_row("w1_route_a", risk=risk, distance=radius, **shared))
    if feature_norm is not None:
        linear = {"lipschitz": lipschitz, "feature_norm": feature_norm}
        rows.append(_row("rademacher_linear", risk=risk, radius=radius, **shared | linear))
    if centre_risk is not None:
        rows.append(_row("risk_transport", risk=centre_risk, distance=away, **shared))
    ranked = tuple(sorted(rows, key=lambda row: float("inf") if row.value is None else row.value))
    best = ranked[0]
    if best.vacuous or best.value is None:
        return UniformComparison(ranked, None, 1.0, delta, f"every candidate is vacuous; {_against(ranked)}")
    reason = f"{best.bound} wins because {_REASONS[best.bound]}; {_against(ranked)}"
    return UniformComparison(ranked, best.bound, best.value, delta, reason)


def at_all_radii(name: str, *, distance: float, base_radius: float, delta: float, **values: Any) -> BoundValue:
    """A bound for a ball in the smallest of the balls of radius B_0 2^j that holds the predictor, j = 0, 1, ...

    With delta_j = delta/((j+1)(j+2)) for the ball j, the bounds hold for all balls and hence for every predictor at
    once with probability at least 1 - delta (derived: union bound).

    Args:
        name: id of a bound with a key `radius`.
        distance: of the predictor from the data-free centre.
        base_radius: B_0 > 0, fixed in advance.
        delta: in (0, 1).
        **values: the other numbers of the bound by key.

    Raises:
        InputError: if the bound has no radius, or a number is not in its range.
    """
    keys = {key.name: key for key in bound(name).keys}
    if "radius" not in keys:
        raise InputError(f"{name} has no key 'radius', so that no union over radii can be taken")
    if not (distance >= 0 and base_radius > 0):
        raise InputError(f"distance must be >= 0 and base_radius > 0, got {distance:g} and {base_radius:g}")
    shell = int(shell_of(wide(distance), wide(base_radius)))
    share = split_delta(float(keys["delta"].read(delta)), (shell + 1) * (shell + 2))
    in_ball = evaluate_bound(name, radius=base_radius * 2.0**shell, delta=share, **values)
    terms = {**in_ball.terms, "radius": base_radius * 2.0**shell}
    sentence = f"ball {shell} of all, which share delta {text_up(delta)}: {in_ball.explanation}"
    return dataclasses.replace(in_ball, delta=delta, terms=terms, explanation=sentence)


def _row(name: str, **inputs: Any) -> UniformRow:
    evaluated = evaluate_bound(name, **inputs)
    return UniformRow(name, evaluated.value, evaluated.delta, evaluated.vacuous, evaluated.terms)


def _against(ranked: tuple[UniformRow, ...]) -> str:
    """The two smallest values, and the largest part of the smallest that is no risk."""
    first, second = ranked[:2]
    if first.value is None or second.value is None:
        return "they overflow"
    pieces = {name: first.terms[name] for name in first.terms if name not in _NO_PART}
    largest = max(pieces, key=lambda name: pieces[name])
    part = f"largest part {largest} {pieces[largest]:.4g}"
    return f"{first.bound} {text_up(first.value, 4)} ({part}), then {second.bound} {text_up(second.value, 4)}"


_NO_PART = ("empirical_risk", "prior_risk", "sigma", "eps", "improved_confidence")
