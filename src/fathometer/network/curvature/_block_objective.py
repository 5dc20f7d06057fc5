"""A loss in the vector of one array of its parameters."""

from dataclasses import replace
from typing import cast

import numpy as np

from fathometer.network._network import Block
from fathometer.network._objective import Matrix, Objective, Vector


def restricted(objective: Objective, block: Block) -> Objective:
    """The same loss in the parameters of one block, the others held fixed."""
    native = getattr(objective, "restricted", None)
    return cast(Objective, native(block) if native is not None else BlockObjective(objective, block))


class BlockObjective:
    """See `fathometer.network.Objective`; for one that cannot restrict itself."""

    def __init__(self, whole: Objective, block: Block) -> None:
        self._whole, self._part = whole, block.part
        self.blocks, self.size = (replace(block, start=0),), block.size
        self.rows, self.dtype = whole.rows, whole.dtype

    @property
    def evaluations(self) -> int:
        """Forward passes over all rows so far."""
        return self._whole.evaluations

    def parameters(self) -> Vector:
        """Where the network is."""
        return self._whole.parameters()[self._part]

    def loss(self, step: Vector | None = None) -> float:
        """The loss where the network is, or a step from there."""
        return self._whole.loss(None if step is None else self._embedded(step))

    def gradient(self) -> Vector:
        """The gradient where the network is."""
        return self._whole.gradient()[self._part]

    def product(self, vector: Vector, matrix: Matrix = Matrix.HESSIAN) -> Vector:
        """A matrix of the loss times a vector."""
        return self._whole.product(self._embedded(vector), matrix)[self._part].copy()

    def _embedded(self, vector: Vector) -> Vector:
        out = np.zeros(self._whole.size, vector.dtype)
        out[self._part] = vector
        return out
