"""A spectral start with whitened data, as a problem."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.evidence import InputError, Problem, finite_number


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

    @property
    def product(self) -> NDArray[np.float64]:
        """The product at time 0, shape (o, d)."""
        target = self.network.regression.M_star
        U, _, Vt = np.linalg.svd(target, full_matrices=False)
        rank = int(np.linalg.matrix_rank(target))
        return self.size * U[:, :rank] @ Vt[:rank]
