"""With a simple positive leading eigenvalue of V, rescaled tokens end on at most three parallel hyperplanes."""

import sys

import numpy as np

from fathometer.attention.dynamics.variants._rescaled import RescaledTokens
from fathometer.attention.model._references import EMERGENCE
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory

FLAT = 0.02
"""Distance, as a share of the spread at time 0, below which tokens count as on one hyperplane."""


def leading_functional(tokens: RescaledTokens) -> np.ndarray:
    """The left eigenvector of V of its leading eigenvalue, which V multiplies in time."""
    values, vectors = np.linalg.eig(tokens.value.T)
    return np.real(vectors[:, np.argmax(np.real(values))])


def hyperplanes(trajectory: Trajectory) -> Estimate:
    """Number of hyperplanes at the last state; unknown below while the tokens still approach them."""
    tokens = RescaledTokens.expect(trajectory.problem)
    heights = np.sort(trajectory.states["points"] @ leading_functional(tokens), axis=1)
    spread = float(np.ptp(heights[0]))
    counts = 1 + np.sum(np.diff(heights, axis=1) > FLAT * spread, axis=1)
    settled = float(np.max(np.abs(heights[-1] - heights[-2]))) < FLAT * spread / 10 if len(heights) > 1 else False
    return Estimate.heuristic(counts[-1], counts[-1] if settled else 1, counts[-1])


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 3."""
    return AtMost(3.0, domain=(1, len(RescaledTokens.expect(problem).points)))


def _leading(problem: Problem) -> Estimate:
    values = np.linalg.eigvals(RescaledTokens.expect(problem).value)
    top = values[np.argmax(np.real(values))]
    return Estimate.exact(float(np.real(top)) if abs(np.imag(top)) < 1e-12 else -1.0)


def _eigengap(problem: Problem) -> Estimate:
    values = np.sort(np.real(np.linalg.eigvals(RescaledTokens.expect(problem).value)))
    return Estimate.exact(values[-1] - values[-2] if len(values) > 1 else np.inf)


def _form(problem: Problem) -> Estimate:
    tokens = RescaledTokens.expect(problem)
    values, vectors = np.linalg.eig(tokens.value)
    top = np.real(vectors[:, np.argmax(np.real(values))])
    return Estimate.exact(float((tokens.query @ top) @ (tokens.key @ top)))


THEOREM = Theorem(
    id="rescaled_hyperplanes",
    theory="attention",
    title="Rescaled tokens end on three hyperplanes",
    statement="If the leading eigenvalue of V is simple and positive, with <Q v, K v> > 0 for its eigenvector v, the"
    " rescaled tokens z_i = exp(-t V) x_i converge to at most three parallel hyperplanes.",
    source=Source(
        EMERGENCE,
        "clusters for a simple leading eigenvalue",
        "From memory. Two heights at time T count as different if they differ by 2 % of the spread at time 0.",
    ),
    hypotheses=(
        Hypothesis("a positive leading eigenvalue", AtLeast(1e-6), _leading),
        Hypothesis("it is simple (gap)", AtLeast(1e-6), _eigengap),
        Hypothesis("<Q v, K v> > 0", AtLeast(sys.float_info.min), _form),
    ),
    quantity=hyperplanes,
    predict=predict,
)
