"""Tokens drawn from a narrow Gaussian mixture start in separated caps."""

import functools
import math

from fathometer.attention.dynamics._random_draws import draw_mixture
from fathometer.attention.model._random_problems import GaussianMixture
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.theorems.random._examples import mixture
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Problem,
    Source,
    Theorem,
    Trajectory,
    WithProbability,
)


def _room(trajectory: Trajectory) -> Estimate:
    """Room of the worst token in its cap, draw by draw."""
    return Estimate.exact(trajectory.states["room"], along=trajectory.axis)


def _predict(problem: Problem, axis: Axis | None) -> WithProbability:
    return WithProbability(AtLeast(0.0), 2 * math.exp(-GaussianMixture.expect(problem).centres.shape[1]))


def _gamma(problem: Problem) -> Estimate:
    return Estimate.exact(GaussianMixture.expect(problem).gamma)


def _slack(problem: Problem) -> Estimate:
    return Estimate.exact(GaussianMixture.expect(problem).epsilon - GaussianMixture.expect(problem).spread)


@functools.cache
def _draws() -> Trajectory:
    return draw_mixture(mixture(), 1000, seed=0)


def _wide_mixture() -> GaussianMixture:
    return mixture(sigma=0.2)


THEOREM = Theorem(
    id="mixture_separated",
    theory="attention",
    title="Gaussian mixtures start separated",
    statement="For points X_i of the mixture of N(sqrt(r) w_q, sigma^2 I_d), q <= r <= n, with delta = sigma / sqrt(r):"
    " if the caps of the w_q have gamma > 0 and 6 delta sqrt(d) / (1 + delta sqrt(d)) + delta sqrt(2 d log n) <= eps,"
    " the tokens X_i / |X_i| are (beta, eps)-separated with probability at least 1 - 2 exp(-d).",
    source=Source(
        METASTABILITY,
        "random initial data, Gaussian mixture",
        "The density is printed with d = 1: see mixture_density.",
    ),
    about=GaussianMixture,
    hypotheses=(
        Hypothesis("the centres are separated: gamma > 0", Positive(), _gamma),
        Hypothesis("the mixture is narrow (room)", AtLeast(0.0), _slack),
    ),
    quantity=_room,
    predict=_predict,
    example=_draws,
    counterexample=_wide_mixture,
    along=(AxisKind.DRAW,),
    reads=("room",),
)
