"""The deployed predictor with all that its certificates are made from."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.data import Split
from fathometer.evidence import Estimate, Record
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._several import SeveralClasses
from fathometer.generalization.learning.linear._training import SMALLEST_MARGIN, TrainedLinear, upward
from fathometer.generalization.learning.predictors._plan import CHIEF, Plan, drawn_shares, prior_weights
from fathometer.generalization.learning.predictors.models._adapter import Answers
from fathometer.generalization.ledger._ledger import LedgerRow

CHIEF_NAMES = ("test_binomial", "occam_binomial", "stratified_kl", "test_betting_losses", "held_out")
"""By which the row of the deployed predictor can be asked for: its bound follows from plan and candidates."""

QUANTILE = 0.1
"""Gamma is this quantile of the positive margins on the training part, which no certificate speaks about."""


@dataclass(frozen=True, eq=False)
class Competitor(Record):
    """One of the predictors among which the held-out part chose.

    Attributes:
        name: what it is.
        weight: its prior weight, fixed before; the weights add up to at most 1.
        training: its cross-validated risk on the training part; None if it had no competitor there.
        total: sum of its losses on the held-out part.
    """

    name: str
    weight: float
    training: float | None
    total: float


@dataclass(frozen=True)
class HeldOut:
    """How many rows certify.

    Attributes:
        size: number of them.
        rows: number of rows, or groups of rows, that they were drawn from, where they were stratified; else 0.
        share: of each class, that is held out at least.
        classes: number of classes.
    """

    size: int
    rows: int = 0
    share: float = 0.0
    classes: int = 1

    @property
    def strata(self) -> dict[str, float]:
        """The numbers of `stratified_kl` that say how stratified rows were drawn."""
        return {"rows": self.rows, "share": self.share, "classes": self.classes}


@dataclass(frozen=True)
class Deployed:
    """A predictor and what it did.

    Attributes:
        plan: fixed before the rows were looked at.
        split: which rows serve for what.
        truth: shape (n,), number of each row's class, or the target.
        predicted: number of the predicted class, or the predicted value, on the rows of each part; the training part is
            absent where only stored answers are known.
        margins: score of the right class minus the best other one, likewise; None without scores.
        gamma: margin of the ramp loss, fixed by the training part; None without scores.
        competitors: among which it was chosen.
        chosen: its number among them.
        groups: shape (n,), group of each row.
        x: shape (n, p), features as numbers.
        predictor: the fitted object; None where only its answers are known.
        linear: the same as a linear classifier of the unit ball, for two classes; None if it is none.
        several: likewise for more classes.
        kinds: names of the classes; empty for regression.
        sensitive: shape (n,), group of each row of a sensitive column; None if none was named.
        stated: probabilities that it gives to its answers, with their bins; None where no row needs them.
        stated_rows: rows of the ledger as a certificate has them, where it is rechecked.
    """

    plan: Plan
    split: Split
    truth: NDArray[Any]
    predicted: Mapping[str, NDArray[Any]]
    margins: Mapping[str, NDArray[np.float64]] | None
    gamma: float | None
    competitors: tuple[Competitor, ...]
    chosen: int
    groups: Int[np.ndarray, " n"]
    x: Float[np.ndarray, "n p"]
    predictor: Any = None
    linear: TrainedLinear | None = None
    several: SeveralClasses | None = None
    kinds: tuple[str, ...] = ()
    sensitive: NDArray[Any] | None = None
    stated: Any = None
    stated_rows: tuple[LedgerRow, ...] = ()

    @property
    def weight(self) -> float:
        """Prior weight of the predictor: what is said of it on the held-out part holds at delta times this."""
        return self.competitors[self.chosen].weight

    @property
    def held_out(self) -> HeldOut:
        """What the held-out part is."""
        return held_out_of(self.plan, self.split, self.groups, self.truth)

    def losses(self, part: str) -> Float[np.ndarray, " n"]:
        """The loss on each row of a part."""
        return self.plan.loss.of(self.predicted[part], self.truth[self.split.part(part)])


def with_answers(deployed: Deployed, answer: Answers, predictor: Any) -> Deployed:
    """The same with what a predictor answers for all rows.

    Args:
        deployed: with its split; what it holds of answers is replaced.
        answer: for all rows.
        predictor: which gave it.
    """
    parts = deployed.split.parts
    margins = answer.margins(deployed.truth) if deployed.plan.loss.of_classes else None
    by_part = None if margins is None else {part: margins[rows] for part, rows in parts.items()}
    return replace(
        deployed,
        predicted={part: answer.predicted[rows] for part, rows in parts.items()},
        margins=by_part,
        gamma=None if by_part is None else margin_of_ramp(by_part["training"]),
        predictor=predictor,
    )


def held_out_of(plan: Plan, split: Split, groups: Int[np.ndarray, " n"], truth: NDArray[Any]) -> HeldOut:
    """What the held-out part is.

    Args:
        plan: with the shares.
        split: which rows are in which part.
        groups: shape (n,), group of each row.
        truth: shape (n,), number of each row's class, or the target.
    """
    size = split.sizes["held_out"]
    if not plan.stratified:
        return HeldOut(size)
    rows = int(groups.max(initial=-1)) + 1 - (split.sizes["test"] if plan.test_rows else 0)
    share = math.nextafter(drawn_shares(plan)["held_out"], 0)  # the split counts with the decimal number
    return HeldOut(size, rows, share, int(truth.max()) + 1)


def stratified_risk(held_out: HeldOut) -> Callable[[NDArray[np.float64], float, float], Estimate]:
    """The risk with its interval from losses on stratified rows: `stratified_kl` for the losses and for 1 - loss.

    Args:
        held_out: what that part is.
    """

    def upper(losses: NDArray[np.float64], tail: float) -> float:
        value = evaluate_bound("stratified_kl", total=float(losses.sum()), **held_out.strata, delta=tail).value
        return 1.0 if value is None else min(1.0, value)

    def risk(losses: NDArray[np.float64], confidence: float, weight: float) -> Estimate:
        tail, mean = (1 - confidence) * weight / 2, float(losses.mean())
        lower = min(mean, 1 - upper(1 - losses, tail))
        return Estimate.sampled(mean, lower, max(mean, upper(losses, tail)), confidence)

    return risk


def margin_of_ramp(margins: NDArray[np.float64]) -> float:
    """Gamma from the margins on the training part: a low quantile of those that are positive."""
    positive = margins[margins > 0]
    return max(float(np.quantile(positive, QUANTILE)) if positive.size else 0.0, SMALLEST_MARGIN)


def best_competitor(totals: Sequence[float], held_out: HeldOut, plan: Plan) -> int:
    """The candidate with the smallest certificate on the held-out part; of equal ones the first.

    Args:
        totals: sum of the losses of each candidate on the held-out part, the favourite first.
        held_out: what that part is.
        plan: which says what kind of loss it is.
    """
    delta = chief_delta(plan)
    pairs = zip(totals, prior_weights(len(totals)), strict=True)
    found = [chief_inputs(total, held_out, weight, plan, delta) for total, weight in pairs]
    values = [evaluate_bound(name, **inputs).value for name, inputs in found]
    return int(np.argmin([np.inf if value is None else value for value in values]))


def chief_delta(plan: Plan) -> float:
    """About what the row of the deployed predictor may spend: candidates are compared at it."""
    named = dict(zip(plan.rows, plan.shares, strict=False))
    share = next((share for name, share in named.items() if name in CHIEF_NAMES), CHIEF)
    return plan.delta * float(share)


def chief_inputs(
    total: float, held_out: HeldOut, weight: float, plan: Plan, delta: float
) -> tuple[str, dict[str, float]]:
    """The bound that certifies a candidate from the held-out part, with its numbers.

    The exact binomial tail for classes, at delta times the weight (Occam); the kl form for losses of regression, and
    for stratified rows, whose errors are no binomial.

    Args:
        total: sum of its losses there.
        held_out: what that part is.
        weight: prior weight of the candidate.
        plan: which says what kind of loss it is, and how rows were drawn.
        delta: of all candidates together.
    """
    n, less = held_out.size, {"delta": lessened(delta, weight)}
    if plan.stratified:
        return "stratified_kl", {"total": total} | held_out.strata | less
    if not plan.loss.of_classes:
        return "test_kl", {"risk": min(1.0, upward(total / n)), "n": n} | less
    counted = {"errors": int(total), "n": n}
    if weight == 1:
        return "test_binomial", counted | {"delta": delta}
    return "occam_binomial", counted | {"weight": weight, "delta": delta}


def lessened(delta: float, weight: float) -> float:
    """Delta times a weight, never above the exact product."""
    return delta if weight == 1 else math.nextafter(delta * weight, 0)
