"""With a simple positive leading eigenvalue of V, rescaled tokens end on at most three parallel hyperplanes."""

import numpy as np

from fathometer.attention.model._references import EMERGENCE
from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens
from fathometer.attention.observables.variants._rescaled import hyperplane_count
from fathometer.attention.theorems.variants._examples import run_with_leading_direction, unprojected
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Problem,
    Source,
    Theorem,
)


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
    about=RescaledTokens,
    hypotheses=(
        Hypothesis("a positive leading eigenvalue", AtLeast(1e-6), _leading),
        Hypothesis("it is simple (gap)", AtLeast(1e-6), _eigengap),
        Hypothesis("<Q v, K v> > 0", Positive(), _form),
    ),
    quantity=hyperplane_count,
    predict=predict,
    example=run_with_leading_direction,
    counterexample=unprojected,
    along=(AxisKind.TIME,),
    reads=("points",),
)
