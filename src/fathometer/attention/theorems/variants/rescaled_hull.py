"""Without projection and with V = I, rescaled tokens shrink towards a polytope."""

import numpy as np

from fathometer.attention.model._references import EMERGENCE
from fathometer.attention.model.variants._hypotheses import identity_defect
from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens
from fathometer.attention.observables.variants._rescaled import support_function
from fathometer.attention.theorems.variants._examples import run_of_unprojected, stretched
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Direction,
    Estimate,
    Hypothesis,
    Monotone,
    Problem,
    Source,
    Theorem,
)


def predict(problem: Problem, axis: Axis | None) -> Monotone:
    """Never increases."""
    size = float(np.max(np.abs(RescaledTokens.expect(problem).points)))
    return Monotone(Direction.DECREASING, slack=1e-6 * size)


def _value_defect(problem: Problem) -> Estimate:
    return identity_defect(RescaledTokens.expect(problem).value)


THEOREM = Theorem(
    id="rescaled_hull",
    theory="attention",
    title="Rescaled tokens shrink to a polytope",
    statement="With V = I and z_i = exp(-t) x_i for dx_i/dt = sum_j P_ij x_j, the convex hull of the z_i shrinks, and"
    " the z_i converge to the boundary of a convex polytope.",
    source=Source(
        EMERGENCE,
        "clusters for V = I",
        "Judged on the hull, which shrinks because every z_i moves towards an average (derived); its limit is a"
        " statement from memory.",
    ),
    about=RescaledTokens,
    hypotheses=(Hypothesis("values are the tokens: V = I", AtMost(1e-12), _value_defect),),
    quantity=support_function,
    predict=predict,
    example=run_of_unprojected,
    counterexample=stretched,
    along=(AxisKind.TIME,),
    reads=("points",),
)
