"""Whitened data and a spectral start: every singular value learns by itself."""

import numpy as np

from fathometer.deep_linear.model._references import SAXE_MCCLELLAND_GANGULI
from fathometer.deep_linear.model.starts._spectral_start import SpectralStart
from fathometer.deep_linear.predictions._spectral_modes import mode_values, mode_velocity, spectral_path
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import is_white
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._paths import around, times_of
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def modes(trajectory: Trajectory) -> Estimate:
    """u_i^T M v_i for the singular vectors of M_star with a positive value, shape (T, r)."""
    network = SpectralStart.expect(trajectory.problem).network
    return Estimate.exact(mode_values(network, trajectory.states["M"]), along=trajectory.axis)


def has_white_inputs(problem: Problem) -> bool:
    """Whether sigma is a multiple of the identity."""
    return is_white(SpectralStart.expect(problem).network)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """ds/dt = 2 c L s^{2-2/L} (s* - s) for each mode, solved in closed form, to 1e-7."""
    start, times = SpectralStart.expect(problem), times_of(axis)
    _, path, _ = spectral_path(start.network, start.size, times)
    largest = float(np.linalg.norm(start.network.regression.M_star, 2))
    return around(path, mode_velocity(start.network, path), times, largest)


THEOREM = Theorem(
    id="spectral_modes",
    theory="deep_linear",
    title="Singular values are learnt one by one",
    statement=(
        "For sigma = c I and a balanced start with the singular vectors of M*, each singular value obeys "
        "ds/dt = 2 c L s^{2-2/L} (s* - s) by itself: large ones are learnt first, after times of order 1 / s*. "
        "Judged to 1e-7 in s and in time."
    ),
    source=Source(SAXE_MCCLELLAND_GANGULI, "decoupled dynamics", "in these units; general depth derived"),
    about=SpectralStart,
    hypotheses=(Hypothesis.that("sigma is a multiple of the identity", has_white_inputs),),
    quantity=modes,
    predict=predict,
    example=_examples.spectral_start,
    counterexample=_examples.coloured_spectral_start,
    along=(AxisKind.TIME,),
    reads=("M",),
)
