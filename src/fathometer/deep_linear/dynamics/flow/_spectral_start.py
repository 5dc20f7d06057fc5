"""Gradient flow with whitened data from a spectral start, as a problem."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._multi_output_flow import balanced_matrix_flow
from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.evidence import InputError, Problem, Trajectory, finite_number


@dataclass(frozen=True, eq=False)
class SpectralStart(Problem):
    """Balanced gradient flow of a product with the singular vectors of M_star, all singular values equal at time 0.

    Attributes:
        network: several outputs, M_star not zero.
        size: of the singular values at time 0, positive, below every positive one of M_star.

    Raises:
        InputError: if M_star is zero or the size is out of range.
    """

    network: MultiOutput
    size: float

    def __post_init__(self) -> None:
        values = np.linalg.svd(self.network.regression.M_star, compute_uv=False)
        rank = int(np.linalg.matrix_rank(self.network.regression.M_star))
        if not rank:
            raise InputError("M_star must not be zero")
        object.__setattr__(self, "size", finite_number("size", self.size, above=0, below=float(values[rank - 1])))


def spectral_start_flow(start: SpectralStart, times: ArrayLike) -> Trajectory:
    """Integrate the matrix equation of the product, which knows nothing of modes; see `balanced_matrix_flow`.

    Raises:
        InputError: if the times do not fit.
    """
    target = start.network.regression.M_star
    U, _, Vt = np.linalg.svd(target, full_matrices=False)
    rank = int(np.linalg.matrix_rank(target))
    product = start.size * U[:, :rank] @ Vt[:rank]
    return dataclasses.replace(balanced_matrix_flow(start.network, product, times), problem=start)
