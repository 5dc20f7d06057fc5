"""The data of Marion and Chizat (2024): their generator, and the very sets of their experiments."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

import fathometer.numerics  # noqa: F401  (switches JAX to float64)
from fathometer.deep_linear.model._problem import Regression
from fathometer.evidence import InputError, Record, finite_array, finite_number, whole_number

_CASES = {
    # name: number of the key in the authors' chain of splits, samples, inputs, standard deviation of the noise
    "overdetermined": (1, 50, 5, 1.0),
    "underdetermined": (21, 15, 20, 1.0),
    "nonlinear": (1, 50, 5, 0.0),
}
_READOUT_KEYS = {None: 6, 5: 10, 10: 13, 20: 16, 40: 19}
_SEED = 0


@dataclass(frozen=True, eq=False)
class Samples(Record):
    """Training and test samples of a regression.

    Attributes:
        X: shape (n, d).
        y: shape (n,).
        X_test: shape (m, d).
        y_test: shape (m,).

    Raises:
        InputError: if a value is not finite or shapes do not fit.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    X_test: NDArray[np.float64]
    y_test: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name, ndim in (("X", 2), ("y", 1), ("X_test", 2), ("y_test", 1)):
            object.__setattr__(self, name, finite_array(name, getattr(self, name), ndim=ndim))
        if len(self.X) != len(self.y) or len(self.X_test) != len(self.y_test):
            raise InputError("X and y must have as many rows, and so must X_test and y_test")
        if self.X.shape[1] != self.X_test.shape[1]:
            raise InputError(f"X and X_test must have as many columns, got {self.X.shape[1]}, {self.X_test.shape[1]}")

    @property
    def regression(self) -> Regression:
        """The training samples, reduced to sufficient statistics."""
        return Regression.from_data(self.X, self.y)

    def test_risk(self, w: Float[np.ndarray, "*batch d"]) -> NDArray[np.float64]:
        """Mean squared error of linear predictors on the test samples."""
        return np.asarray(np.mean((w @ self.X_test.T - self.y_test) ** 2, axis=-1))


def gaussian_samples(samples: int, inputs: int, noise: float, seed: int) -> Samples:
    """Draw data as the paper does: Gaussian inputs, a Gaussian linear target, Gaussian noise, scaled to |w_star| = 1.

    Source: the authors' code. Numbers are drawn in float32 from the non-partitionable threefry stream, which was JAX's
    default then, and combined in float64.

    Args:
        samples: number n of training samples, and of test samples, at least 1.
        inputs: their dimension d, at least 1.
        noise: standard deviation of the noise before scaling, at least 0.
        seed: at least 0.

    Raises:
        InputError: if a number is out of range.
    """
    with jax.threefry_partitionable(False):
        key = jax.random.PRNGKey(whole_number("seed", seed, at_least=0))
    return _draw(
        whole_number("samples", samples, at_least=1),
        whole_number("inputs", inputs, at_least=1),
        finite_number("noise", noise, at_least=0),
        key,
    )


def paper_samples(case: str) -> Samples:
    """The exact data of the paper: `overdetermined`, `underdetermined` or `nonlinear`.

    Raises:
        InputError: if the case is none of the three.
    """
    if case not in _CASES:
        raise InputError(f"case must be one of {', '.join(_CASES)}, got {case!r}")
    number, samples, inputs, noise = _CASES[case]
    return _draw(samples, inputs, noise, _chain_key(number))


def paper_readout(depth: int | None = None) -> NDArray[np.float64]:
    """The readout of the paper's residual networks, a unit vector of shape (5,).

    Args:
        depth: 5, 10, 20 or 40 for the experiment on depth and step size; None for all others.

    Raises:
        InputError: if the depth is none of these.
    """
    if depth not in _READOUT_KEYS:
        raise InputError(f"depth must be 5, 10, 20, 40 or None, got {depth}")
    direction = _normal(_chain_key(_READOUT_KEYS[depth]), (5,))
    return direction / np.linalg.norm(direction)


def _draw(samples: int, inputs: int, noise: float, key: Array) -> Samples:
    shapes = ((samples, inputs), (samples, inputs), (inputs,), (samples,), (samples,))
    drawn = []
    for shape in shapes:
        with jax.threefry_partitionable(False):
            key, part = jax.random.split(key)
        drawn.append(_normal(part, shape))
    X, X_test, w_true, *noises = drawn
    y, y_test = (inputs @ w_true + noise * values for inputs, values in zip((X, X_test), noises, strict=True))
    norm = np.linalg.norm(np.linalg.pinv(X) @ y)
    return Samples(X, y / norm, X_test, y_test / norm)


def _chain_key(number: int) -> Array:
    """The subkey of the `number`-th split of the authors' one key."""
    with jax.threefry_partitionable(False):
        key = jax.random.PRNGKey(_SEED)
        for _ in range(number - 1):
            key = jax.random.split(key)[0]
        return jax.random.split(key)[1]


def _normal(key: Array, shape: tuple[int, ...]) -> NDArray[np.float64]:
    with jax.threefry_partitionable(False):
        return np.asarray(jax.random.normal(key, shape, dtype=jnp.float32), np.float64)
