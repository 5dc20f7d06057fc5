"""One cluster becomes a point at the rate 1, for both models."""

import functools

import numpy as np

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._hypotheses import SEVERAL_TOKENS
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.hemisphere._known_cloud import KnownCloud
from fathometer.attention.observables._late_rate import late_rate
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.observables.clusters._gaps import diameter
from fathometer.attention.predictions.hemisphere._known_cloud import rate_limits
from fathometer.attention.theorems._examples import TIMES, octahedron
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)
from fathometer.numerics import in_float64


def _limits(problem: Problem, axis: Axis | None) -> Within:
    return Within(*rate_limits(KnownCloud(ParticleSystem.expect(problem), 0.0)))


def _width_over_chord(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(diameter(system.points[None])[0] / default_resolution(system.beta))


@functools.cache
@in_float64
def _narrow_cloud() -> Trajectory:
    """Six tokens that are one cluster of two hundredths in width."""
    points = np.eye(3)[2] + 0.01 * np.random.default_rng(0).standard_normal((6, 3))
    return simulate(ParticleSystem.project(points, 1.0, Model.SA), TIMES)


THEOREM = Theorem(
    id="one_cluster_rate",
    theory="attention",
    title="One cluster becomes a point at the rate 1",
    statement="Once all tokens are within a chord of 0.1/sqrt(max(1, beta)), with u the diameter of the chart"
    " y_i = x_i / <x_i, w>, log u falls at a rate of at least exp(-arsinh(u/2) - b) and at most exp(arsinh(u/2) + b'),"
    " b = 2 beta u^2/(4 + u^2), b' = b for SA and 0 for USA: for both models the rate tends to 1, in the time of the"
    " kernel exp(beta (<x, y> - 1)) and masses that sum to 1 (USA with the kernel exp(beta <x, y>): exp(beta)).",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, rate in the end",
        "Derived: in the chart the flow is an average with weights between m_j times these two. Measured by least"
        " squares, whose slope is an average of the rates.",
    ),
    about=ParticleSystem,
    hypotheses=(SEVERAL_TOKENS, Hypothesis("one cluster (width over its chord)", AtMost(1.0), _width_over_chord)),
    quantity=late_rate,
    predict=_limits,
    example=_narrow_cloud,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("hemisphere_cone",),
)
