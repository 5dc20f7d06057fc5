"""What a cluster in noise settles to is the law of Gibbs that balances itself."""

import numpy as np

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.observables.variants._order_parameter import settled_amplitudes
from fathometer.attention.predictions.variants._clustered_law import clustered_amplitudes, fold_of
from fathometer.attention.theorems.variants._examples import nearly_uniform_law, run_on_the_sphere
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

MODES = 3
ROOM = 1e-5


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The first three harmonics of the stable clustered law, to 1e-5."""
    expected = clustered_amplitudes(NoisyLaw.expect(problem), MODES)
    return Within(expected - ROOM, expected + ROOM, domain=(0, 1))


def settled(run: Trajectory) -> Estimate:
    """Sizes of the first three harmonics of the last state, if it has settled."""
    return settled_amplitudes(run, MODES)


def _stable_law(problem: Problem) -> bool:
    return bool(np.all(np.isfinite(clustered_amplitudes(NoisyLaw.expect(problem), 1))))


def _beyond_fold_order(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(law.order - fold_of(law)[1])


def _above_rounding(problem: Problem) -> Estimate:
    return Estimate.exact(NoisyLaw.expect(problem).order)


THEOREM = Theorem(
    id="noisy_stationary",
    theory="attention",
    title="The stationary law of tokens in noise",
    statement="In the noisy mean field on the sphere of R^d, d >= 2, a cluster settles to an axially symmetric density"
    " f with f = exp((kappa/beta) k * f)/norm for USA, (k * f)^(kappa/beta)/norm for SA, k = exp(beta (<x, y> - 1)):"
    " here its first three harmonics are those of the stable solution, to 1e-5.",
    source=Source(
        SURVEY,
        "noisy Transformers: stationary laws",
        "Derived: the flux of a stationary law vanishes. The stable solution is computed by continuation from the"
        " onset. That it is reached from every law with an order parameter beyond that at the fold is not proved; a"
        " law that has not settled at the end is undecided.",
    ),
    about=NoisyLaw,
    hypotheses=(
        Hypothesis.that("there is one stable clustered law at this kappa", _stable_law),
        Hypothesis("a cluster at time 0: an order parameter beyond that at the fold", Positive(), _beyond_fold_order),
        Hypothesis("an order parameter above rounding at time 0", Within(1e-7, 1), _above_rounding),
    ),
    quantity=settled,
    predict=predict,
    example=run_on_the_sphere,
    counterexample=nearly_uniform_law,
    along=(AxisKind.TIME,),
    reads=("density",),
)
