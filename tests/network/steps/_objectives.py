"""Losses of NumPy that speak the protocol of an objective."""

from collections.abc import Callable

import numpy as np

from fathometer.network._network import Block


class FunctionObjective:
    """A function of a vector with its gradient and Hessian, in a chosen format."""

    def __init__(
        self,
        function: Callable[[np.ndarray], float],
        gradient: Callable[[np.ndarray], np.ndarray],
        at: np.ndarray,
        dtype: type = np.float64,
        hessian: np.ndarray | None = None,
    ) -> None:
        self._function, self._gradient, self._at, self._hessian = function, gradient, at.astype(dtype), hessian
        self.blocks = (Block("w", at.shape, 0),)
        self.rows, self.dtype, self.evaluations = 1, np.dtype(dtype), 0

    @property
    def size(self) -> int:
        return len(self._at)

    def parameters(self) -> np.ndarray:
        return self._at

    def loss(self, step=None) -> float:
        self.evaluations += 1
        at = self._at if step is None else self._at + step.astype(self.dtype)
        assert at.dtype == self.dtype
        return float(self.dtype.type(self._function(at)))

    def gradient(self) -> np.ndarray:
        return self._gradient(self._at)

    def product(self, vector, matrix="hessian") -> np.ndarray:
        return self._hessian @ vector


def quadratic(hessian: np.ndarray, at: np.ndarray, dtype: type = np.float64, offset: float = 0.0) -> FunctionObjective:
    """w'Hw/2 + offset."""
    h = hessian.astype(dtype)
    return FunctionObjective(lambda w: w @ h @ w / 2 + dtype(offset), lambda w: h @ w, at, dtype, hessian)


def random_quadratic(seed: int, size: int = 12, dtype: type = np.float64) -> tuple[FunctionObjective, np.ndarray]:
    """A convex quadratic with its Hessian."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((size, size)))[0]
    hessian = basis @ np.diag(10.0 ** rng.uniform(-2, 2, size)) @ basis.T
    return quadratic(hessian, rng.standard_normal(size) * 10.0 ** rng.uniform(-3, 3), dtype), hessian
