"""A symmetric matrix of a network's loss, known by its products with vectors."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError
from fathometer.network._network import Block
from fathometer.network._objective import Matrix, Objective, Vector
from fathometer.network.curvature._block_objective import restricted
from fathometer.network.curvature._density import Density, density_of, trace_of
from fathometer.network.curvature._objective_of import objective
from fathometer.network.curvature._plan import Plan, planned
from fathometer.network.curvature._preconditioner import BETA2, EPS, preconditioner
from fathometer.network.curvature._replay import Replayed
from fathometer.network.recording._memory import bytes_of
from fathometer.numerics import Ends, ExtremeEigenvalues, extreme_eigenvalues
from fathometer.study import Progress, Say, interruptions

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

MEMORY = "8GiB"
_SHORT = 60.0


def curvature(
    net: Any,
    loss: Callable[..., Any],
    data: Any,
    parameters: str = "*",
    matrix: Matrix | str = Matrix.HESSIAN,
    chunk: int | None = None,
) -> "Curvature":
    """Hessian, Gauss-Newton or Fisher matrix of the mean loss of a network over all rows of a data set.

    Args:
        net: what `wrap` takes or returns: a torch module, or (JAX function, parameters).
        loss: `loss(model, X, y)`, or `loss(model, batch)` where a batch is a dictionary: the mean over the rows given.
        data: (X, y), a dictionary of arrays, a list of batches, or a loader that gives the same rows on every pass.
        parameters: names of arrays as in a shell, several separated by commas; the others are held fixed.
        matrix: hessian, ggn or fisher.
        chunk: rows that are computed at once; the batches as they are given if None, and 1000 rows of arrays.

    Raises:
        InputError: if the network, the loss or the data cannot be used; the message says why.
    """
    return Curvature(objective(net, loss, data, parameters, chunk), matrix)


class Curvature:
    """A symmetric matrix of a loss in the chosen parameters.

    Attributes:
        objective: the loss.
        matrix: which one.
        products: how many products have been made.

    Raises:
        InputError: if there is no such matrix.
    """

    def __init__(
        self, objective: Objective, matrix: Matrix | str = Matrix.HESSIAN, scale: Vector | None = None
    ) -> None:
        try:
            self.matrix = Matrix(matrix)
        except ValueError as error:
            raise InputError(f"matrix must be one of {[str(each) for each in Matrix]}, got {matrix!r}") from error
        self.objective, self.products, self._scale = objective, 0, scale

    @property
    def size(self) -> int:
        """How many parameters were chosen."""
        return self.objective.size

    @property
    def dtype(self) -> np.dtype:
        """Of the parameters and of the vectors of a search."""
        return np.dtype(self.objective.dtype)

    def __call__(self, vector: Vector) -> Vector:
        """The matrix times a vector, shape (size,)."""
        self.products += 1
        if self._scale is None:
            return self.objective.product(vector, self.matrix)
        return self._scale * self.objective.product(self._scale * vector, self.matrix)

    def to_scipy(self) -> "LinearOperator":
        """For any code that takes linear operators of SciPy."""
        from scipy.sparse.linalg import LinearOperator

        return LinearOperator((self.size, self.size), matvec=lambda v: self(np.ravel(v)), dtype=self.dtype)  # type: ignore[call-arg]

    def plan(self, rtol: float = 1e-2, miss: float = 1e-6, memory: str | int = MEMORY) -> Plan:
        """What `extremes` takes at most: bytes, products and minutes. One product is made and timed, a short one twice.

        Args:
            rtol: as for `extremes`.
            miss: as for `extremes`.
            memory: as for `extremes`.
        """
        limit, at_once = bytes_of(memory), getattr(self.objective, "in_one_chunk", True)
        mode, vectors, size, products = planned(self.size, self.dtype.itemsize, at_once, rtol, miss, limit)
        seconds = self._seconds()
        seconds = seconds if seconds > _SHORT else min(seconds, self._seconds())
        held = getattr(self.objective, "chunk_bytes", lambda: 0)()
        chunk = getattr(self.objective, "chunk", 0)
        return Plan(self.size, self.objective.rows, mode, vectors, size, held, products, seconds, chunk, limit)

    def _seconds(self) -> float:
        start = time.perf_counter()
        self(np.ones(self.size, self.dtype))
        return time.perf_counter() - start

    def extremes(
        self,
        rtol: float = 1e-2,
        miss: float = 1e-6,
        memory: str | int = MEMORY,
        *,
        ends: Ends | str = Ends.BOTH,
        products: int = 100_000,
        seed: int = 0,
        resume: str | Path | None = None,
        say: Say | None = None,
    ) -> ExtremeEigenvalues:
        """Smallest and largest signed eigenvalue, each between a floor that is certain and a ceiling that nearly is.

        An interrupt of the user ends the search, which then says what it has: `ended` is "interrupted".

        Args:
            rtol: width of both intervals, relative to the largest |eigenvalue|, at which the search stops.
            miss: probability, over the random start, that an outer end is wrong.
            memory: bytes for its vectors, such as "8GiB"; when they are used up it goes on with three, more slowly.
            ends: which of them must be known as well as that: "both", "largest" or "smallest".
            products: number of products at which it stops; `ended` says so.
            seed: of its start.
            resume: file that keeps the products as they are made; a search that was interrupted goes on from it.
            say: takes a line of progress every ten seconds; silent if None.
        """
        limit = bytes_of(memory)
        most = planned(self.size, self.dtype.itemsize, True, rtol, miss, limit)[-1]
        progress = None if say is None else Progress("curvature", say)
        kept = None if resume is None else Replayed(self, self.size, self.dtype, Path(resume), self._what())
        with interruptions() as seen:

            def stop(count: int) -> bool:
                if progress is not None:
                    progress.at(min(1.0, count / min(most, products)), f"{count} products of at most {most}")
                return bool(seen)

            try:
                return extreme_eigenvalues(
                    kept or self,
                    self.size,
                    tolerance=rtol,
                    miss=miss,
                    products=products,
                    memory=limit,
                    seed=seed,
                    dtype=self.dtype,
                    ends=ends,
                    stop=stop,
                )
            finally:
                if kept is not None:
                    kept.close()

    def _what(self) -> bytes:
        """What the matrix is, so that products of another one are not taken for its own."""
        names = repr([(block.name, block.shape) for block in self.objective.blocks])
        parts = [f"{self.matrix} {self.objective.rows} {names} {self.objective.loss()!r}".encode()]
        parts += [] if self._scale is None else [self._scale.tobytes()]
        return hashlib.sha256(b"".join([*parts, self.objective.parameters().tobytes()])).digest()

    def blocks(self) -> "dict[str, Curvature]":
        """The diagonal block of each array of parameters, the others held fixed."""
        return {block.name: self._block(block) for block in self.objective.blocks}

    def _block(self, block: Block) -> "Curvature":
        scale = None if self._scale is None else self._scale[block.part]
        return Curvature(restricted(self.objective, block), self.matrix, scale)

    def density(
        self,
        draws: int = 8,
        steps: int = 50,
        *,
        points: int = 200,
        width: float | None = None,
        confidence: float = 0.95,
        seed: int = 0,
    ) -> Density:
        """Density of the eigenvalues, smoothed by a Gaussian, by stochastic Lanczos quadrature.

        Args:
            draws: random vectors, at least 2.
            steps: products for each; as many vectors are kept.
            points: of the grid.
            width: of the Gaussian; 5 / steps of the range if None.
            confidence: of the interval at each point of the grid.
            seed: of the vectors.
        """
        return density_of(
            self,
            self.size,
            self.dtype,
            draws=draws,
            steps=steps,
            points=points,
            width=width,
            confidence=confidence,
            seed=seed,
        )

    def trace(
        self, products: int = 60, *, memory: str | int = MEMORY, confidence: float = 0.95, seed: int = 0
    ) -> Estimate:
        """Sum of all eigenvalues, by Hutch++, with its interval.

        Args:
            products: at least 6.
            memory: bytes for its vectors; where few fit, more of the products are sampled.
            confidence: of the interval.
            seed: of the random vectors.
        """
        fit = bytes_of(memory) // (24 * self.size)
        sketch = None if fit >= products // 3 else fit
        return trace_of(self, self.size, self.dtype, products=products, sketch=sketch, confidence=confidence, seed=seed)

    def preconditioned(self, optimizer: Any, eps: float = EPS, beta2: float = BETA2) -> "Curvature":
        """P^{-1/2} A P^{-1/2} with P = sqrt(v_hat) + eps: the matrix as an adaptive optimiser sees it.

        Args:
            optimizer: of torch (Adam and its kin, RMSprop, Adagrad), a state of optax, or P itself, shape (size,).
            eps: of a state of optax.
            beta2: of a state of optax.
        """
        scale = 1 / np.sqrt(preconditioner(self.objective, optimizer, eps, beta2))
        whole: NDArray[Any] = scale if self._scale is None else self._scale * scale
        return Curvature(self.objective, self.matrix, whole.astype(self.dtype))
