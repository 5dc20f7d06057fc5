"""Gradient flow from Gaussian residual weights converges: the published form, whose constants are measured here."""

from fathometer.deep_linear.model._network import excess_risk
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE
from fathometer.deep_linear.theorems.residual._shared import CLOSE, states_of
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Source, Theorem, Trajectory

_CONVERGED = 1e-8


def final_excess(trajectory: Trajectory) -> Estimate:
    """R - R_min at the end of the trajectory over what it was at the start; 0 if the start was a minimizer."""
    start = ResidualStart.expect(trajectory.problem)
    last = float(excess_risk(start.network, [matrix[-1] for matrix in states_of(trajectory)]))
    return Estimate.exact(last / start.excess if start.excess else 0.0)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 1e-8 of R(0) - R_min is left."""
    return AtMost(_CONVERGED, domain=(0.0, 1.0))


THEOREM = Theorem(
    id="residual_gaussian",
    theory="deep_linear",
    title="Residual networks with Gaussian weights",
    statement=(
        "There are C_1 ... C_5 > 0 that depend on s alone such that for L >= C_1 and d >= C_2, with probability at "
        "least 1 - 16 exp(-C_3 d): if R(0) - R_min <= C_4 lambda_min^2 |p|^2 / lambda_max, gradient flow from "
        "W_k(0) = I + s / sqrt(d L) N_k converges to a global minimizer with W_k = W_k(0) + theta_k / L and "
        "|theta_k|_F <= C_5. Judged: at most 1e-8 of R(0) - R_min is left at the end."
    ),
    source=Source(
        MARION_CHIZAT,
        "theorem on residual initialization",
        "from memory; C_1 to C_5 are not known, and depth, dimension and a typical draw only make sure that products "
        "of layers are not almost singular: judged where R(0) - R_min is at most what their singular values at the "
        "start allow, C_4 = (rho c^4 / C^2)^2",
    ),
    about=ResidualStart,
    hypotheses=(DEFINITE, CLOSE),
    quantity=final_excess,
    predict=predict,
    example=_examples.residual_start,
    counterexample=_examples.far_residual_start,
    along=(AxisKind.TIME,),
    reads=("W1",),
)
