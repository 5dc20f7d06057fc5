"""Caps around an orthogonal frame are separated if beta is large and the caps are small."""

import functools

import numpy as np

from fathometer.attention.dynamics._caps import simulate_cloud
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.theorems._examples import TIMES, orthogonal_tokens
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Positive,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Trajectory,
)
from fathometer.numerics import in_float64


def _gamma(trajectory: Trajectory) -> Estimate:
    """Separation, from the exact alpha; it depends on the problem alone."""
    return SeparatedCloud.expect(trajectory.problem).gamma


def _predict(problem: Problem, axis: Axis | None) -> Positive:
    return Positive()


def _largest_cosine(problem: Problem) -> Estimate:
    centres = SeparatedCloud.expect(problem).centres
    return Estimate.exact(np.max(np.abs(centres @ centres.T - np.eye(len(centres)))))


def _count(problem: Problem) -> Estimate:
    return Estimate.exact(len(SeparatedCloud.expect(problem).centres))


def _log_share(cloud: SeparatedCloud) -> float:
    return float(np.log(2 * len(cloud.system.points) ** 2 / cloud.epsilon) / cloud.system.beta)


def _condition(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    return Estimate.exact(1 - 4 * np.sqrt(cloud.epsilon) - 12 * cloud.epsilon - _log_share(cloud))


def _condition_as_printed(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    return Estimate.exact(1 - cloud.epsilon**2 - 10 * cloud.epsilon - _log_share(cloud))


@functools.cache
@in_float64
def _around_a_frame(beta: float, epsilon: float) -> Trajectory:
    return simulate_cloud(SeparatedCloud(orthogonal_tokens(3, beta), np.eye(3), epsilon), TIMES)


def _small_caps() -> Trajectory:
    return _around_a_frame(60.0, 0.01)


def _larger_caps() -> Trajectory:
    return _around_a_frame(20.0, 0.03)


def _tilted_frame() -> SeparatedCloud:
    system = orthogonal_tokens(3, 60.0)
    return SeparatedCloud(system, np.eye(3) @ np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]]), 0.01)


_ORTHOGONAL = (
    Hypothesis("at least two centres", AtLeast(2, domain=(1, None)), _count),
    Hypothesis("the centres are orthogonal (largest cosine)", AtMost(1e-12, domain=(0, 1)), _largest_cosine),
)
THEOREM = Theorem(
    id="frame_separated",
    theory="attention",
    title="Caps around an orthogonal frame are separated",
    statement="If 4 sqrt(eps) + 12 eps + log(2 n^2 / eps) / beta < 1, caps S_q(eps) around orthogonal centres have"
    " gamma > 0.",
    source=Source(
        METASTABILITY,
        "random initial data, uniform in high dimension",
        "Printed with eps^2 + 10 eps in front, from the bound alpha <= eps^2 + 2 eps, which is false; alpha ="
        " 4 (1 - 2 eps) sqrt(eps (1 - eps)) (derived).",
    ),
    about=SeparatedCloud,
    hypotheses=(*_ORTHOGONAL, Hypothesis("1 - 4 sqrt(eps) - 12 eps - log(2 n^2/eps)/beta > 0", Positive(), _condition)),
    quantity=_gamma,
    predict=_predict,
    example=_small_caps,
    counterexample=_tilted_frame,
    as_printed=(
        PrintedForm(
            "If eps^2 + 10 eps + log(2 n^2 / eps) / beta < 1, caps S_q(eps) around orthogonal centres have gamma > 0.",
            hypotheses=(
                *_ORTHOGONAL,
                Hypothesis("1 - eps^2 - 10 eps - log(2 n^2/eps)/beta > 0", Positive(), _condition_as_printed),
            ),
            example=_larger_caps,
        ),
    ),
)
