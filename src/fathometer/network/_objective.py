"""The mean loss of a network over the rows of a data set as a function of chosen parameters."""

from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fathometer.network._network import Block

Vector = NDArray[np.floating]


class Matrix(StrEnum):
    """Which symmetric matrix of a loss.

    HESSIAN: second derivatives. GGN: J' H_z J with the Hessian H_z of the loss in the outputs z. FISHER: the same with
    the covariance of the gradient under the network's own distribution of labels.
    """

    HESSIAN = "hessian"
    GGN = "ggn"
    FISHER = "fisher"


class Objective(Protocol):
    """A loss on data, in the vector of the chosen parameters.

    Every number is of the mean over all rows, whatever the sizes of the batches. Nothing here changes the network:
    parameters are put back.

    Attributes:
        blocks: the chosen arrays, one after another in the vector.
        rows: how many rows the data have.
        dtype: of the parameters: float32 or float64. Sums are float64.
        evaluations: forward passes over all rows so far.
    """

    blocks: tuple[Block, ...]
    rows: int
    dtype: np.dtype
    evaluations: int

    @property
    def size(self) -> int:
        """How many parameters were chosen."""
        ...

    def parameters(self) -> Vector:
        """Where the network is, shape (size,)."""
        ...

    def loss(self, step: Vector | None = None) -> float:
        """The loss where the network is, or a step from there; forward passes alone.

        Args:
            step: shape (size,).
        """
        ...

    def gradient(self) -> Vector:
        """The gradient where the network is, shape (size,)."""
        ...

    def product(self, vector: Vector, matrix: Matrix = Matrix.HESSIAN) -> Vector:
        """A matrix of the loss times a vector, shape (size,).

        Args:
            vector: shape (size,).
            matrix: which one.
        """
        ...
