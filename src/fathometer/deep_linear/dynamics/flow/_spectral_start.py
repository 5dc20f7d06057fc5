"""Gradient flow with whitened data from a spectral start."""

import dataclasses

from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._multi_output_flow import balanced_matrix_flow
from fathometer.deep_linear.model.starts._spectral_start import SpectralStart
from fathometer.evidence import Trajectory


def spectral_start_flow(start: SpectralStart, times: ArrayLike) -> Trajectory:
    """Integrate the matrix equation of the product, which knows nothing of modes; see `balanced_matrix_flow`.

    Raises:
        InputError: if the times do not fit.
    """
    return dataclasses.replace(balanced_matrix_flow(start.network, start.product, times), problem=start)
