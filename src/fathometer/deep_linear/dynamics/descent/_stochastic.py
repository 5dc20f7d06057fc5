"""Mini-batches: the gradient from a few samples, drawn anew at every step."""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, Record, finite_array, whole_number

_SAME_DATA = 1e-8


@dataclass(frozen=True, eq=False)
class MiniBatches(Record):
    """Independent draws of samples, with replacement, so that the mean of the gradient is that of the full risk.

    Attributes:
        X: all samples, shape (n, d).
        y: their targets, shape (n,).
        size: samples in a mini-batch, at least 1.
        seed: of the draws, at least 0; each run of a batch has its own.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    size: int
    seed: int

    def __post_init__(self) -> None:
        X, y = finite_array("X", self.X, ndim=2), finite_array("y", self.y, ndim=1)
        if not X.size or len(X) != len(y):
            raise InputError(f"X must be (n, d) and y (n,) with n, d >= 1, got {X.shape} and {y.shape}")
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "size", whole_number("size", self.size, at_least=1))
        object.__setattr__(self, "seed", whole_number("seed", self.seed, at_least=0))

    def packed(self, problem: DeepLinear) -> "PackedSamples":
        """The samples for compiled code.

        Raises:
            InputError: if the problem was not made from these samples.
        """
        sigma, given = self.X.T @ self.X / len(self.y), problem.regression.sigma
        if sigma.shape != given.shape or np.abs(sigma - given).max() > _SAME_DATA * np.abs(given).max():
            raise InputError("mini-batches must come from the data of the problem: X^T X / n is not its sigma")
        return PackedSamples(jnp.asarray(self.X), jnp.asarray(self.y), jax.random.key(self.seed))


class PackedSamples(NamedTuple):
    """Samples and the key of their draws."""

    X: Float[Array, "n d"]
    y: Float[Array, " n"]
    key: Array


def drawn_samples(samples: PackedSamples, step: Array, size: int, runs: int) -> Int[Array, "size runs"]:
    """Which samples each run sees at a step.

    Args:
        samples: n samples and the key of their draws.
        step: number of the step, from 0 on.
        size: samples in a mini-batch.
        runs: number of runs side by side.
    """
    key = jax.random.fold_in(samples.key, step.astype(jnp.uint32))
    return jax.random.randint(key, (size, runs), 0, len(samples.y))


def mini_batch_slope(
    samples: PackedSamples, drawn: Int[Array, "size runs"], w: Float[Array, "d runs"]
) -> Float[Array, "d runs"]:
    """Half the gradient of the mean squared error on the drawn samples, at each run's own predictor.

    Args:
        samples: n samples of dimension d.
        drawn: which of them each run sees, in [0, n).
        w: predictors w, one column for each run.

    Returns:
        One column for each run.
    """
    X, y = samples.X[drawn], samples.y[drawn]
    error = jnp.einsum("sbd,db->sb", X, w) - y
    return jnp.einsum("sbd,sb->db", X, error) / len(drawn)
