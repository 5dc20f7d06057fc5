"""Gradient flow with whitened data from a spectral start: integrated, and in closed form."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._multi_output_flow import balanced_matrix_flow
from fathometer.deep_linear.model._multi_output import MultiOutput, multi_output_excess
from fathometer.deep_linear.model.starts._spectral_start import SpectralStart
from fathometer.deep_linear.predictions._spectral_modes import spectral_path
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Origin, Provenance, Trajectory, finite_array


def spectral_start_flow(start: SpectralStart, times: ArrayLike) -> Trajectory:
    """Integrate the matrix equation of the product, which knows nothing of modes; see `balanced_matrix_flow`.

    Raises:
        InputError: if the times do not fit.
    """
    return dataclasses.replace(balanced_matrix_flow(start.network, start.product, times), problem=start)


def spectral_flow(problem: MultiOutput, start: float, times: ArrayLike) -> Trajectory:
    """Gradient flow from a balanced network whose product has the singular vectors of M_star.

    Args:
        problem: with sigma = c I.
        start: all singular values of the product at time 0, positive, below every positive one of M_star.
        times: shape (length,), at least 0, strictly increasing.

    Returns:
        Along time: states M and `singular_values`, observed `excess_risk`; exact but for rounding.

    Raises:
        InputError: if sigma is no multiple of the identity, or a number is out of range.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1))
    if axis.points[0] < 0:
        raise InputError(f"times must be >= 0, got {axis.points[0]}")
    U, values, Vt = spectral_path(problem, start, axis.points)
    M = np.einsum("ir,tr,rj->tij", U, values, Vt)
    observed = {"excess_risk": Estimate.exact(multi_output_excess(problem, M), along=axis)}
    states = {"M": M, "singular_values": values}
    return Trajectory(problem, axis, states, Origin.SIMULATED, observed, provenance=Provenance.here())
