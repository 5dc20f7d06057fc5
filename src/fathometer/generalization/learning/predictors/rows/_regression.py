"""Rows about losses of regression."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError
from fathometer.generalization.learning.predictors._deployed import Deployed, lessened
from fathometer.generalization.learning.predictors.rows._draft import DEPLOYED, Draft
from fathometer.generalization.ledger._intervals import risk_estimate
from fathometer.generalization.ledger._ledger import CONFIDENCE, measured_mean
from fathometer.numerics import round_up, wide

BLOCKS = 2000
"""Most numbers that are bet on, and kept: more rows are put into so many blocks."""

TARGET = "units of the loss"


def losses_row(deployed: Deployed) -> list[Draft]:
    """The mean loss of the deployed predictor, by betting on blocks of held-out rows, which adapts to their variance.

    The mean of a block is in [0, 1] and has the mean of a loss, whatever the size of the block.
    """
    blocks = block_means(deployed.losses("held_out"))
    loss = deployed.plan.loss
    return [
        Draft(
            "test_betting_losses",
            f"{loss.risk} {DEPLOYED}",
            lambda share: {"losses": blocks.tolist(), "delta": lessened(share, deployed.weight)},
            measured_mean(deployed.losses("test")),
            unit=(loss.clip, TARGET),
        )
    ]


def kl_row(deployed: Deployed) -> list[Draft]:
    """The same by the kl form of Chernoff's bound, which knows the mean alone, and no order."""
    loss = deployed.plan.loss
    if loss.of_classes:
        return []
    held = deployed.losses("held_out")
    risk = min(1.0, float(round_up(wide(held).mean())))
    return [
        Draft(
            "test_kl",
            f"{loss.risk} {DEPLOYED}",
            lambda share: {"risk": risk, "n": held.size, "delta": lessened(share, deployed.weight)},
            measured_mean(deployed.losses("test")),
            unit=(loss.clip, TARGET),
        )
    ]


def moment_row(deployed: Deployed) -> list[Draft]:
    """The mean loss that is not cut off, if its second moment is known: divided by the root of that moment.

    Raises:
        InputError: if there is no moment.
    """
    loss, moment = deployed.plan.loss, deployed.plan.moment
    if loss.of_classes:
        return []
    if moment is None:
        raise InputError("row 'moment' needs a bound on the mean of the squared loss (--moment M)")
    scale = float(np.sqrt(moment))
    held, tested = (uncut(deployed, part) / scale for part in ("held_out", "test"))
    risk = float(round_up(wide(held).mean()))

    def inputs(share: float) -> dict[str, float]:
        delta = lessened(share, deployed.weight)
        lam = float(np.sqrt(2 * np.log(1 / delta) / held.size))
        return {"risk": risk, "second_moment": second_moment(moment), "kl": 0.0, "m": held.size, "delta": delta} | {
            "lam": lam
        }

    return [
        Draft(
            "supermart_nonneg",
            f"uncut {loss.spoken} loss divided by {scale:.6g} {DEPLOYED}, if the mean of its square is at most "
            f"{moment:g}, which nothing here can check",
            inputs,
            _measured(tested),
            unit=(scale, TARGET),
            about=("moment", 0),
        )
    ]


def second_moment(moment: float) -> float:
    """M divided by the square of its root, as floats have it; never below the exact number."""
    return float(round_up(wide(moment) / wide(float(np.sqrt(moment))) ** 2))


def uncut(deployed: Deployed, part: str) -> Float[np.ndarray, " n"]:
    """The loss on each row of a part, in its own unit, not cut off."""
    return deployed.plan.loss.raw(deployed.predicted[part], deployed.truth[deployed.split.part(part)])


def block_means(losses: Float[np.ndarray, " n"]) -> Float[np.ndarray, " k"]:
    """Means of at most `BLOCKS` blocks of rows in the order of the split, which is random; rounded up.

    Args:
        losses: in [0, 1].
    """
    if losses.size <= BLOCKS:
        return losses
    return np.array([min(1.0, float(round_up(wide(part).mean()))) for part in np.array_split(losses, BLOCKS)])


def _measured(losses: NDArray) -> Estimate:
    """Mean of losses without a bound and with a second moment of at most 1: cut off below, Chebyshev above."""
    mean, tail = float(losses.mean()), (1 - CONFIDENCE) / 2
    cut = risk_estimate(np.minimum(losses / 10, 1.0), CONFIDENCE)
    return Estimate.sampled(mean, min(10 * cut.lower, mean), mean + 1 / np.sqrt(tail * losses.size), CONFIDENCE)
