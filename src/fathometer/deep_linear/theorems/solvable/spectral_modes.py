"""Whitened data and a spectral start: every singular value learns by itself."""

import numpy as np

from fathometer.deep_linear.model._references import SAXE_MCCLELLAND_GANGULI
from fathometer.deep_linear.model.starts._spectral_start import SpectralStart
from fathometer.deep_linear.predictions._multi_output_sharpness import is_white
from fathometer.deep_linear.predictions._spectral_modes import spectral_flow
from fathometer.deep_linear.theorems.descent._paths import around, times_of
from fathometer.evidence import (
    YES,
    Axis,
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
    target = SpectralStart.expect(trajectory.problem).network.regression.M_star
    U, _, Vt = np.linalg.svd(target, full_matrices=False)
    rank = int(np.linalg.matrix_rank(target))
    values = np.einsum("ir,tij,rj->tr", U[:, :rank], trajectory.states["M"], Vt[:rank])
    return Estimate.exact(values, along=trajectory.axis)


def whiteness(problem: Problem) -> Estimate:
    """1 if sigma is a multiple of the identity, else 0."""
    return Estimate.exact(float(is_white(SpectralStart.expect(problem).network)))


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """ds/dt = 2 c L s^{2-2/L} (s* - s) for each mode, solved in closed form, to 1e-7."""
    start, times = SpectralStart.expect(problem), times_of(axis)
    data, depth = start.network.regression, start.network.depth
    path = spectral_flow(start.network, start.size, times).states["singular_values"]
    goals = np.linalg.svd(data.M_star, compute_uv=False)[: path.shape[1]]
    velocity = 2 * data.inputs.lambda_max * depth * path ** (2 - 2 / depth) * (goals - path)
    return around(path, velocity, times, float(goals[0]))


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
    hypotheses=(Hypothesis("sigma is a multiple of the identity", YES, whiteness),),
    quantity=modes,
    predict=predict,
)
