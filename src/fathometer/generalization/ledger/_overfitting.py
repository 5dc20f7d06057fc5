"""Does it overfit, and by how much? The gap between the risk on new rows and the risk on the training rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import (
    Estimate,
    InputError,
    Record,
    Status,
    finite_number,
    text_down,
    text_inward,
    text_up,
)
from fathometer.generalization.ledger._intervals import read_losses, risk_estimate
from fathometer.numerics import round_down, round_up, wide

MARGIN = 0.05
"""Gap that is small enough to say that a predictor does not overfit, in units of the loss."""

_DIGITS = 3


@dataclass(frozen=True, eq=False)
class Overfitting(Record):
    """Training risk, risk on new rows, risk of the constant prediction, and what follows.

    The intervals of the risks each hold with their own confidence. `status` is about the model and not about the
    command that asked: an overfitting model is no error.

    Attributes:
        training_risk: mean loss on the training rows, an exact number; unknown if nobody knows these rows.
        held_out_risk: risk on new rows, with its two-sided interval.
        majority_risk: risk of the best constant prediction of the training part (the majority class; median, mean or
            quantile for regression), on the same held-out rows, with its two-sided interval.
        gap: held-out minus training risk; its interval holds with the confidence of the held-out risk's.
        certificate: value of the winning row of the ledger; None if there is none.
        margin: largest gap that counts as no overfitting.
        baseline: what the constant prediction is called.
        status: of "the training risk tells the risk on new rows": VIOLATED if the gap is above 0 for sure, HOLDS if it
            is not and no gap above `margin` can be hidden, UNDECIDED otherwise.
        sentence: what to say of the gap, and of the certificate beside the constant prediction.
    """

    training_risk: Estimate
    held_out_risk: Estimate
    majority_risk: Estimate
    gap: Estimate
    certificate: float | None
    margin: float
    baseline: str
    status: Status
    sentence: str

    @property
    def useful(self) -> bool:
        """Whether the certificate lies below the interval of the constant prediction's risk."""
        return self.certificate is not None and bool(self.certificate < self.majority_risk.lower)


def overfitting(
    training: ArrayLike | None,
    held_out: ArrayLike,
    majority: ArrayLike,
    certificate: float | None,
    *,
    confidence: float = 0.95,
    weight: float = 1.0,
    margin: float = MARGIN,
    baseline: str = "the majority class",
    risk_of: Callable[[NDArray[np.float64], float, float], Estimate] = risk_estimate,
) -> Overfitting:
    """Say whether a predictor overfits.

    The training risk R_S is a number; if the risk R lies in [lo, hi] with some probability, the gap R - R_S lies in
    [lo - R_S, hi - R_S] with that probability. The ends are Clopper and Pearson's for 0/1 losses and those of betting
    for others; both hold at any number of rows.

    Args:
        training: losses of the predictor on the rows that it was fitted on, shape (m,), in [0, 1]; None if nobody knows
            these rows.
        held_out: its losses on independent rows that took no part in the fit, shape (n,), in [0, 1].
        majority: losses of the constant prediction on the same rows, shape (n,); the constant comes from the training
            rows alone.
        certificate: upper bound on the risk, or None.
        confidence: of each interval, in (0, 1).
        weight: prior weight of the predictor among the candidates from which the held-out rows chose it, in (0, 1]; the
            interval is at failure probability (1 - confidence) weight, which pays for the choice.
        margin: largest gap that counts as no overfitting, at least 0.
        baseline: what the sentence calls the constant prediction.
        risk_of: from losses on the held-out rows, confidence and weight to the risk with its interval; another one
            where the rows are not independent.

    Raises:
        InputError: if losses are not in [0, 1], there are none, `majority` has another length than `held_out`, or a
            number is out of its range.
    """
    seen = np.array(np.nan) if training is None else read_losses("training losses", training)
    unseen, constant = _read(held_out, majority)
    finite_number("margin", margin, at_least=0)
    risk, other = risk_of(unseen, confidence, weight), risk_of(constant, confidence, 1.0)
    gap = _gap(float(seen.mean()), risk)
    return Overfitting(
        training_risk=Estimate.exact(float(seen.mean())),
        held_out_risk=risk,
        majority_risk=other,
        gap=gap,
        certificate=certificate,
        margin=float(margin),
        baseline=baseline,
        status=_status(gap, margin),
        sentence=f"{_gap_sentence(gap, margin)}; {_certificate_sentence(certificate, other, baseline)}",
    )


def _read(held_out: ArrayLike, majority: ArrayLike) -> tuple[NDArray, NDArray]:
    named = {"held-out losses": held_out, "losses of the constant prediction": majority}
    unseen, constant = (read_losses(name, values) for name, values in named.items())
    if constant.size != unseen.size:
        raise InputError(
            f"losses of the constant prediction must be of the {unseen.size} held-out rows, got {constant.size}"
        )
    return unseen, constant


def _gap(training: float, risk: Estimate) -> Estimate:
    if np.isnan(training):
        return Estimate.sampled(np.nan, -np.inf, np.inf, risk.confidence or 0.5)
    lower, upper = round_down(wide(risk.lower) - training), round_up(wide(risk.upper) - training)
    value = float(np.clip(risk.value - training, lower, upper))
    return Estimate.sampled(value, lower, upper, risk.confidence or 0.5)


def _status(gap: Estimate, margin: float) -> Status:
    if gap.lower > 0:
        return Status.VIOLATED
    return Status.HOLDS if gap.upper <= margin else Status.UNDECIDED


def _gap_sentence(gap: Estimate, margin: float) -> str:
    if np.isnan(gap.value):
        return "the rows that it was fitted on are not known here, and so not whether it overfits"
    probability = f"with probability {_probability(gap)}"
    most = text_up(max(float(gap.upper), 0.0), _DIGITS)
    status = _status(gap, margin)
    if status is Status.VIOLATED:
        return f"overfits by at least {text_down(gap.lower, _DIGITS)} and at most {most} {probability}"
    if status is Status.HOLDS:
        return f"no overfitting above {most} can be hidden here, {probability}"
    shown = f"no overfitting is shown, and none above {most} can be hidden here, {probability}"
    return f"{shown}: too few held-out rows to say more at the margin of {text_inward(margin, _DIGITS)}"


def _certificate_sentence(certificate: float | None, other: Estimate, baseline: str) -> str:
    if certificate is None:
        return "there is no certificate below the largest loss: nothing is certified"
    value, risk = text_up(certificate, _DIGITS), f"{baseline}, {other.text(_DIGITS)}"
    if certificate >= other.upper:
        return f"the certificate {value} is above the risk of {risk}: it says nothing of use"
    if certificate >= other.lower:
        return f"the certificate {value} is not below the interval of {risk}: it does not show an advantage over that"
    return f"the certificate {value} is below the risk of {risk}"


def _probability(estimate: Estimate) -> str:
    return text_down(estimate.confidence or 0.5)
