"""Around the slow manifold of several caps the energy satisfies a Polyak-Lojasiewicz inequality."""

from dataclasses import replace

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.model.caps._slow_manifold import CAPS_ON_CIRCLE, CLOSE
from fathometer.attention.observables.caps._widths import before_exit
from fathometer.attention.observables.paths._polyak_lojasiewicz import ratio_of_caps, while_a_cap_has_width
from fathometer.attention.predictions._slow_motion import slow_manifold_constant
from fathometer.attention.theorems.metastability._examples import ALONG
from fathometer.attention.theorems.slow_motion._examples import close_in_caps, wide_caps
from fathometer.evidence import AtLeast, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least kappa, until T_2."""
    cloud = SeparatedCloud.expect(problem)
    return _at_least(slow_manifold_constant(cloud), cloud, axis)


def slow_manifold_pl(kappa: float) -> Theorem:
    """Return the statement with a value for the constant, which is then all that is claimed."""
    return replace(
        THEOREM,
        hypotheses=(CAPS_ON_CIRCLE, *SEPARATED, *CLOSE),
        predict=lambda problem, axis: _at_least(kappa, SeparatedCloud.expect(problem), axis),
    )


def _at_least(kappa: float, cloud: SeparatedCloud, axis: Axis | None) -> AtLeast:
    return AtLeast(np.where(before_exit(cloud, axis), kappa, 0.0), domain=(0, None))


THEOREM = Theorem(
    id="slow_manifold_pl",
    theory="attention",
    title="Polyak-Lojasiewicz inequality around the slow manifold",
    statement="With separated caps on the circle whose tokens are close, E(U) - E <= |grad E|^2 / (2 kappa) for some U"
    " in the slow manifold, where kappa = 0.97 (1 - 2 q)/(1 + 2 q) min_q n_q / n^2 and q < 0.1 is the largest leak"
    " between caps relative to the least force inside of one that is off the slow manifold.",
    source=Source(
        METASTABILITY,
        "Polyak-Lojasiewicz inequality on the slow manifold",
        "Said there for some kappa(beta, n) > 0 that could not be recovered. This one is derived, from the second"
        " derivatives inside the caps; min_q n_q / n^2 is its limit for beta to infinity but for 3 %. Any other can be"
        " tried with slow_manifold_pl(kappa). Judged until the caps are points to rounding.",
    ),
    about=SeparatedCloud,
    hypotheses=(CAPS_ON_CIRCLE, *SEPARATED, *ADMISSIBLE_RATE, *CLOSE),
    quantity=ratio_of_caps,
    predict=predict,
    example=close_in_caps,
    counterexample=wide_caps,
    along=ALONG,
    reads=("points",),
    part=while_a_cap_has_width,
    uses=("caps_contain", "caps_keep_tight"),
)
