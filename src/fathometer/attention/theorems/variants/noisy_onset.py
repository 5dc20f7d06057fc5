"""Just above the critical kappa the order parameter grows like a root, if beta is below the tricritical one."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle, first_harmonic
from fathometer.attention.observables.variants._order_parameter import settled_order
from fathometer.attention.predictions.variants._noise import kappa_excess, onset_order, tricritical_beta
from fathometer.attention.theorems.variants._examples import clustered_law, run_above_critical
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem, Within

ROOM = 0.05


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The leading order, to 5 %."""
    root = onset_order(MeanFieldCircle.expect(problem))
    return Within(root * (1 - ROOM), root * (1 + ROOM), domain=(0, 1))


def _is_usa(problem: Problem) -> bool:
    return MeanFieldCircle.expect(problem).model is Model.USA


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(MeanFieldCircle.expect(problem).beta)


def _excess(problem: Problem) -> Estimate:
    return Estimate.exact(kappa_excess(MeanFieldCircle.expect(problem)))


def _order(problem: Problem) -> Estimate:
    return Estimate.exact(first_harmonic(MeanFieldCircle.expect(problem).density))


def below_tricritical(problem: Problem) -> Estimate:
    """How far beta is below the tricritical one."""
    return Estimate.exact(float(tricritical_beta().value) - MeanFieldCircle.expect(problem).beta)


USA_ONLY = Hypothesis.that("the model is USA", _is_usa)

THEOREM = Theorem(
    id="noisy_onset",
    theory="attention",
    title="Clusters appear continuously below the tricritical beta",
    statement="In the noisy mean field of USA on the circle with beta < 2.4469..., where I_2/I_1 = 1/2, the order"
    " parameter just above kappa_c settles to r with r^2 = 2 (kappa/kappa_c - 1) (1 - s)/(1 - 2 s),"
    " s = I_2(beta)/I_1(beta); here to 5 %.",
    source=Source(
        SURVEY,
        "noisy Transformers: phase transition on the circle",
        "The amplitude is derived from the cubic term of the self-consistency equation, and is only its leading order:"
        " beta is kept below 2.1 and kappa within 0.2 % of kappa_c. A law that has not settled at the end is"
        " undecided.",
    ),
    about=MeanFieldCircle,
    hypotheses=(
        USA_ONLY,
        Hypothesis("beta below the tricritical one (room)", AtLeast(0.0), below_tricritical),
        Hypothesis("beta <= 2.1: the next order is small", AtMost(2.1, domain=(0, None)), _beta),
        Hypothesis("kappa just above kappa_c (relative)", Within(1e-4, 2e-3), _excess),
        Hypothesis("an order parameter above rounding at time 0", Within(1e-7, 1), _order),
    ),
    quantity=settled_order,
    predict=predict,
    example=run_above_critical,
    counterexample=clustered_law,
    along=(AxisKind.TIME,),
    reads=("density",),
)
