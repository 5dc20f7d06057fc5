"""Just above the critical kappa the order parameter grows like a root, if beta is below the tricritical one."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.observables.variants._order_parameter import settled_order
from fathometer.attention.predictions.variants._noise import kappa_excess, onset_curvature, onset_order
from fathometer.attention.theorems.variants._examples import clustered_law, run_above_critical
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Hypothesis, Positive, Problem, Source, Theorem, Within

ROOM = 0.05


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The leading order, to 5 %."""
    root = onset_order(NoisyLaw.expect(problem))
    return Within(root * (1 - ROOM), root * (1 + ROOM), domain=(0, 1))


def _curvature(law: NoisyLaw) -> float:
    return onset_curvature(law.dimension, law.beta, law.model)


def _next_order(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(kappa_excess(law) / _curvature(law) ** 2)


def _excess(problem: Problem) -> Estimate:
    return Estimate.exact(kappa_excess(NoisyLaw.expect(problem)))


def _order(problem: Problem) -> Estimate:
    return Estimate.exact(NoisyLaw.expect(problem).order)


def below_tricritical(problem: Problem) -> Estimate:
    """Curvature of kappa at the onset: above 0 if the order parameter grows continuously."""
    return Estimate.exact(_curvature(NoisyLaw.expect(problem)))


THEOREM = Theorem(
    id="noisy_onset",
    theory="attention",
    title="Clusters appear continuously below the tricritical beta",
    statement="In the noisy mean field on the sphere of R^d, d >= 2, let s_k = I_{d/2-1+k}/I_{d/2-2+k} at beta. For USA"
    " with s_2 < 1/d, and for SA with any beta, the order parameter just above kappa_c settles to r with kappa/kappa_c"
    " - 1 = c r^2, c = d (1 - d s_2)/((d + 2)(1 - s_2)) for USA and d (1 - s_1)(1 + d (s_1 - s_2) - s_1 s_2)/((d +"
    " 2)(1 - s_2)) for SA; here to 5 %.",
    source=Source(
        SURVEY,
        "noisy Transformers: phase transition on the circle",
        "The amplitude, every d > 2 and SA are derived from the cubic term of the self-consistency equation. It is only"
        " the leading order: (kappa/kappa_c - 1)/c^2 is kept below 0.08. A law that has not settled at the end is"
        " undecided.",
    ),
    about=NoisyLaw,
    hypotheses=(
        Hypothesis(
            "beta below the tricritical one (curvature of kappa; any beta for SA)", Positive(), below_tricritical
        ),
        Hypothesis("kappa just above kappa_c (relative)", Within(1e-5, 1e-2), _excess),
        Hypothesis("the next order is small: (kappa/kappa_c - 1)/c^2", AtMost(0.08), _next_order),
        Hypothesis("an order parameter above rounding at time 0", Within(1e-7, 1), _order),
    ),
    quantity=settled_order,
    predict=predict,
    example=run_above_critical,
    counterexample=clustered_law,
    along=(AxisKind.TIME,),
    reads=("density",),
)
