"""Signed extreme eigenvalues of one symmetric operator, each with its residual."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from fathometer.evidence import Estimate, InputError, Record, finite_number, whole_number

_DENSE = 64


@dataclass(frozen=True, eq=False)
class ExtremeEigenvalues(Record):
    """Both ends of a spectrum.

    Attributes:
        smallest: smallest signed eigenvalue.
        largest: largest signed eigenvalue.
        residuals: |H v - theta v| of the two unit Ritz vectors, shape (2,); zero where the matrix was small enough to
            be diagonalised.
        converged: whether both residuals are as small as was asked.
    """

    smallest: Estimate
    largest: Estimate
    residuals: NDArray[np.float64]
    converged: bool


def extreme_eigenvalues(
    apply: Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, " n"]],
    size: int,
    *,
    tolerance: float = 1e-8,
    products: int = 10_000,
    seed: int = 0,
) -> ExtremeEigenvalues:
    """Find the smallest and the largest eigenvalue of a symmetric operator from its products with vectors.

    Up to size 64 the matrix is built and diagonalised: exact. Beyond, SciPy's Lanczos method (ARPACK) gives Ritz pairs
    (theta, v). An eigenvalue lies within |H v - theta v| of theta, which is proved, and no end of the spectrum lies
    inside theta; that the end is this eigenvalue and not one further out is what usually happens from a random start.
    The estimates are therefore heuristic: from theta outwards to the residual.

    Args:
        apply: the operator; symmetric, on vectors of shape (n,).
        size: n, at least 1.
        tolerance: stop when the eigenvalues are known to this relative accuracy, in (0, 1).
        products: stop after about so many products at the latest; the residuals say how far that got.
        seed: of the start vector.

    Raises:
        InputError: if a number is out of range, or the operator gives NaN or infinity.
    """
    n = whole_number("size", size, at_least=1)
    finite_number("tolerance", tolerance, above=0, below=1)
    start = np.random.default_rng(whole_number("seed", seed, at_least=0)).standard_normal(n)

    def checked(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        image = np.asarray(apply(np.ravel(vector)), np.float64)
        if not np.all(np.isfinite(image)):
            raise InputError("the Hessian must be finite here, got NaN or infinity")
        return image

    if n <= _DENSE:
        matrix = np.stack([checked(unit) for unit in np.eye(n)])
        values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
        return ExtremeEigenvalues(Estimate.exact(values[0]), Estimate.exact(values[-1]), np.zeros(2), True)
    if not np.any(checked(start)):
        return ExtremeEigenvalues(Estimate.exact(0.0), Estimate.exact(0.0), np.zeros(2), True)
    operator = LinearOperator((n, n), matvec=checked, dtype=np.float64)  # type: ignore[call-arg]
    krylov = min(n, 32)
    rounds = max(1, whole_number("products", products, at_least=1) // krylov)
    low, high = (_end(operator, start, which, krylov, rounds, tolerance) for which in ("SA", "LA"))
    return ExtremeEigenvalues(
        Estimate.heuristic(low.value, low.value - low.residual, low.value),
        Estimate.heuristic(high.value, high.value, high.value + high.residual),
        np.array([low.residual, high.residual]),
        low.converged and high.converged,
    )


@dataclass(frozen=True)
class _End:
    value: float
    residual: float
    converged: bool


def _end(
    operator: LinearOperator, start: NDArray[np.float64], which: str, krylov: int, rounds: int, tolerance: float
) -> _End:
    """One end of the spectrum; without convergence, the Rayleigh quotient of the start vector."""
    try:
        _, vectors = eigsh(operator, k=1, which=which, v0=start, ncv=krylov, maxiter=rounds, tol=tolerance)  # type: ignore[arg-type]
        vector, converged = vectors[:, 0], True
    except ArpackNoConvergence:
        vector, converged = start / np.linalg.norm(start), False
    vector = vector / np.linalg.norm(vector)
    image = operator.matvec(vector)
    value = float(vector @ image)
    return _End(value, float(np.linalg.norm(image - value * vector)), converged)
