"""For small beta, a law with a density becomes a point at an exponential rate."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.variants._mean_field import MeanFieldCircle
from fathometer.attention.model._references import QUANTITATIVE
from fathometer.attention.theorems.variants.noisy_onset import USA_ONLY
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

RATE = 0.01


def log_distance(trajectory: Trajectory) -> Estimate:
    """Log of the Wasserstein distance W_2 to the point at the mean direction of the last state, along the circle."""
    densities = trajectory.states["density"]
    cells = densities.shape[1]
    angles = 2 * np.pi * np.arange(cells) / cells
    mean = np.angle(densities[-1] @ np.exp(1j * angles))
    squares = np.angle(np.exp(1j * (angles - mean))) ** 2
    found = np.log(densities @ squares * 2 * np.pi / cells) / 2
    return Estimate.heuristic(found, found - 1e-4, found + 1e-4, along=trajectory.axis)


def bound(problem: Problem, axis: Axis | None, constant: float, start: float) -> AtMost:
    """At most log C_0 - t/100 from T_0 on, t and T_0 in the time of the kernel exp(beta <x, y>).

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the rate is a statement along time; the measurement has no axis")
    raw: Float[np.ndarray, " t"] = axis.points * np.exp(-MeanFieldCircle.expect(problem).beta)
    return AtMost(np.where(raw >= start, np.log(constant) - RATE * raw, np.inf), domain=(None, float(np.log(np.pi))))


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """With C_0 = pi and T_0 = 0, for want of the constants."""
    return bound(problem, axis, np.pi, 0.0)


def mean_field_rate(largest_beta: float, constant: float, start: float) -> Theorem:
    """Return the statement with values for beta_0, C_0 and T_0, which depend on the law at time 0."""
    small = Hypothesis("beta < beta_0", AtMost(largest_beta, domain=(0, None)), _beta)
    return replace(
        THEOREM,
        hypotheses=(*_KNOWN, small),
        predict=lambda problem, axis: bound(problem, axis, constant, start),
    )


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(MeanFieldCircle.expect(problem).beta)


def _first_moment(problem: Problem) -> Estimate:
    law = MeanFieldCircle.expect(problem)
    run = np.fft.rfft(law.density)[1] * 2 * np.pi / len(law.density)
    return Estimate.exact(float(abs(run)) ** 2)


def _noise(problem: Problem) -> Estimate:
    return Estimate.exact(1 / MeanFieldCircle.expect(problem).kappa)


_KNOWN = (
    USA_ONLY,
    Hypothesis("no noise: 1/kappa", AtMost(1e-9), _noise),
    Hypothesis("R_0 = |mean of x|^2 > 0", AtLeast(1e-12, domain=(0, 1)), _first_moment),
)

THEOREM = Theorem(
    id="mean_field_rate",
    theory="attention",
    title="A law becomes a point at an exponential rate",
    statement="For d >= 2, a law with a density in L^2 and R_0 = |integral of x|^2 > 0 there are beta_0, C_0, T_0 > 0"
    " such that for |beta| < beta_0 some x has W_2(mu_t, delta_x) <= C_0 exp(-t/100) for t >= T_0, t in the time of USA"
    " with the kernel exp(beta <x, y>). Here on the circle.",
    source=Source(
        QUANTITATIVE,
        "quantitative clustering of the mean field",
        "The constants depend on the law and are not given: name them with mean_field_rate(beta_0, C_0, T_0). Without a"
        " density it fails: two thirds of the mass opposite to one third stay, with R_0 = 1/9.",
    ),
    hypotheses=(*_KNOWN, Hypothesis("beta < beta_0, which is not known", None, None)),
    quantity=log_distance,
    predict=predict,
)
