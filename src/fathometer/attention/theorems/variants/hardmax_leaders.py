"""Under hardmax every token runs straight to its leader."""

import numpy as np

from fathometer.attention.model._references import FRANK_WOLFE
from fathometer.attention.model.variants._hardmax_tokens import HardmaxTokens, hardmax_targets
from fathometer.attention.predictions.variants._hardmax import hardmax_motion
from fathometer.attention.theorems.variants._examples import polygon_of_negative_form, run_of_hardmax
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Positive,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

ROUNDING = 1e-9


def places(trajectory: Trajectory) -> Estimate:
    """The tokens at every time."""
    return Estimate.exact(trajectory.states["points"], along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """exp(-t) x_i(0) + (1 - exp(-t)) v, to rounding.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the motion is a statement along time; the measurement has no axis")
    tokens = HardmaxTokens.expect(problem)
    motion = hardmax_motion(tokens.points, tokens.matrix, axis.points)
    room = ROUNDING * (1 + np.abs(motion))
    return Within(motion - room, motion + room)


def _smallest_eigenvalue(problem: Problem) -> Estimate:
    matrix = HardmaxTokens.expect(problem).matrix
    return Estimate.exact(np.linalg.eigvalsh((matrix + matrix.T) / 2)[0])


def _restless(problem: Problem) -> Estimate:
    tokens = HardmaxTokens.expect(problem)
    targets = hardmax_targets(tokens.points, tokens.matrix)
    return Estimate.exact(float(np.sum(targets[targets] != targets)))


THEOREM = Theorem(
    id="hardmax_leaders",
    theory="attention",
    title="Hardmax is Frank-Wolfe in continuous time",
    statement="Under dx_i/dt = x_j - x_i, j the token with the largest <B x_i, x_j>, B > 0, tokens that like themselves"
    " best stay, and every other one whose target is such a leader v moves straight to it:"
    " x_i(t) = exp(-t) x_i(0) + (1 - exp(-t)) v.",
    source=Source(
        FRANK_WOLFE,
        "hardmax attention as Frank-Wolfe",
        "A token may be its own target, as the statement needs. That targets never change is derived.",
    ),
    about=HardmaxTokens,
    hypotheses=(
        Hypothesis("B > 0 (smallest eigenvalue)", Positive(), _smallest_eigenvalue),
        Hypothesis("every target is its own target (number that are not)", AtMost(0.0), _restless),
    ),
    quantity=places,
    predict=predict,
    example=run_of_hardmax,
    counterexample=polygon_of_negative_form,
    along=(AxisKind.TIME,),
    reads=("points",),
)
