"""Caps around an orthogonal frame are separated if beta is large and the caps are small."""

import sys

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory


def separation_of(trajectory: Trajectory) -> Estimate:
    """Gamma, from the exact alpha; it depends on the problem alone."""
    return SeparatedCloud.expect(trajectory.problem).gamma


def positive(problem: Problem, axis: Axis | None) -> AtLeast:
    """Gamma > 0."""
    return AtLeast(sys.float_info.min)


def largest_cosine(problem: Problem) -> Estimate:
    """Largest |<w_p, w_q>| between two centres."""
    centres = SeparatedCloud.expect(problem).centres
    return Estimate.exact(np.max(np.abs(centres @ centres.T - np.eye(len(centres)))))


def count(problem: Problem) -> Estimate:
    """Number of centres."""
    return Estimate.exact(len(SeparatedCloud.expect(problem).centres))


def log_share(problem: Problem) -> float:
    """Shorthand log(2 n^2 / eps) / beta."""
    cloud = SeparatedCloud.expect(problem)
    return float(np.log(2 * len(cloud.system.points) ** 2 / cloud.epsilon) / cloud.system.beta)


def _condition(problem: Problem) -> Estimate:
    eps = SeparatedCloud.expect(problem).epsilon
    return Estimate.exact(1 - 4 * np.sqrt(eps) - 12 * eps - log_share(problem))


ORTHOGONAL = (
    Hypothesis("at least two centres", AtLeast(2, domain=(1, None)), count),
    Hypothesis("the centres are orthogonal (largest cosine)", AtMost(1e-12, domain=(0, 1)), largest_cosine),
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
    hypotheses=(
        *ORTHOGONAL,
        Hypothesis("1 - 4 sqrt(eps) - 12 eps - log(2 n^2/eps)/beta > 0", AtLeast(sys.float_info.min), _condition),
    ),
    quantity=separation_of,
    predict=positive,
)
