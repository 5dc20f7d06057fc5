"""Progressive validation, carried over by the Lipschitz constant."""

from fathometer.evidence import Axis, Prediction, Problem, Source, Theorem
from fathometer.generalization.bounds._references import FATHOMETER
from fathometer.generalization.ledger._certificate import LIPSCHITZ, PREDICTABLE, UNIT_LOSS, certified, true_risk


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """The mean conditional risk is at most the value of the bound, on all but a fraction delta of the samples."""
    return certified(problem, "progressive_validation")


THEOREM = Theorem(
    id="progressive_validation",
    theory="generalization",
    title="Progressive validation, carried over by the Lipschitz constant",
    statement=(
        "For a loss in [0, 1] and predictable h_0, h_1, ...: with probability at least 1 - delta, the mean over m "
        "rounds of E_{i-1} l(h_i, .) is at most that of l(h_{i-1}, z_i) + L d(h_i, h_{i-1}), plus "
        "sqrt(ln(1/delta)/(2m))."
    ),
    source=Source(FATHOMETER, "progressive validation", "derived here: never above the bound of w1_nips_t5_bounded"),
    hypotheses=(PREDICTABLE, UNIT_LOSS, LIPSCHITZ),
    quantity=true_risk,
    predict=predict,
)
