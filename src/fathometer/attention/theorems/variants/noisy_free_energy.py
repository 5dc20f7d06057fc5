"""Noise and attraction together never increase the free energy."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.observables.variants._order_parameter import free_energy
from fathometer.attention.theorems.variants._examples import run_on_the_sphere, softmax_law
from fathometer.evidence import Axis, AxisKind, Direction, Hypothesis, Monotone, Problem, Source, Theorem

_ROUNDING = 1e-9


def predict(problem: Problem, axis: Axis | None) -> Monotone:
    """It never increases, with room for rounding."""
    return Monotone(Direction.DECREASING, _ROUNDING)


def _is_usa(problem: Problem) -> bool:
    return NoisyLaw.expect(problem).model is Model.USA


THEOREM = Theorem(
    id="noisy_free_energy",
    theory="attention",
    title="The free energy of tokens in noise never increases",
    statement="In the noisy mean field of USA on the sphere of R^d, d >= 2, the free energy int f log f - (kappa/(2"
    " beta)) iint exp(beta (<x, y> - 1)) f f never increases; it is constant only if f is stationary.",
    source=Source(
        SURVEY,
        "noisy Transformers: gradient flow of the free energy",
        "Derived: its derivative is minus the mean of |grad (log f - (kappa/beta) k * f)|^2, divided by kappa. SA has"
        " no such energy: the derivative of log(k * f) by f is not symmetric.",
    ),
    about=NoisyLaw,
    hypotheses=(Hypothesis.that("the model is USA", _is_usa),),
    quantity=free_energy,
    predict=predict,
    example=run_on_the_sphere,
    counterexample=softmax_law,
    along=(AxisKind.TIME,),
    reads=("density",),
)
