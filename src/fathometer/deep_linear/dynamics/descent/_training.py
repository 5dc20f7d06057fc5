"""What descent does, and what is kept of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.descent._stochastic import MiniBatches
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.evidence import InputError, Record, finite_array, whole_number


@dataclass(frozen=True, eq=False)
class Training(Record):
    """What a run of descent does, beside its step size; the same for all runs of a batch.

    Attributes:
        iterations: number of steps, at least 1.
        momentum: heavy ball or Nesterov; with beta = 0 it is plain descent.
        batches: gradients from mini-batches; None for the full risk.

    Raises:
        InputError: if the number of iterations is out of range.
    """

    iterations: int
    momentum: Momentum = Momentum(0.0)
    batches: MiniBatches | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "iterations", whole_number("iterations", self.iterations, at_least=1))


@dataclass(frozen=True, eq=False)
class Recording(Record):
    """What is kept of a run; what is recorded is always about the full risk.

    Attributes:
        every: steps between two records, at least 1.
        store: whether to keep the weights at every record.
        sharpness: whether to record the sharpness.

    Raises:
        InputError: if `every` is out of range.
    """

    every: int = 1
    store: bool = False
    sharpness: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "every", whole_number("every", self.every, at_least=1))

    def count(self, iterations: int) -> int:
        """Number of records after the one at the start.

        Raises:
            InputError: if the iterations are no multiple of `every`.
        """
        if iterations % self.every:
            raise InputError(f"iterations must be a multiple of every = {self.every}, got {iterations}")
        return iterations // self.every


def step_sizes(steps: ArrayLike) -> NDArray[np.float64]:
    """Read step sizes, one for each run of a batch, shape (batch,).

    Raises:
        InputError: if there is none, or one is not positive.
    """
    read = finite_array("steps", steps, ndim=1)
    if not read.size or np.any(read <= 0):
        raise InputError("steps must be positive and at least one")
    return read
