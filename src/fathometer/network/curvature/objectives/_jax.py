"""The loss of a JAX network: gradients, and products as directional derivatives of the gradient."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

import fathometer.numerics  # noqa: F401  (switches JAX to float64)
from fathometer.evidence import InputError
from fathometer.network._network import blocks_of
from fathometer.network._objective import Matrix, Vector
from fathometer.network.curvature.objectives._checks import check_mean, check_same
from fathometer.network.curvature.objectives._data import Batch, Chunks, mapped
from fathometer.network.curvature.objectives._jax_outputs import output_product

FLAT = ("round", "floor", "ceil", "sign", "argmax", "argmin")
"""Primitives whose derivative is zero wherever it exists."""


class JaxObjective:
    """See `fathometer.network.Objective`.

    Attributes:
        notes: what was changed or left out, in whole sentences.
    """

    def __init__(
        self, function: Callable[..., Any], parameters: Any, loss: Callable[..., Any], chunks: Chunks, pattern: str
    ) -> None:
        self._function, self._loss, self._chunks = function, loss, chunks
        leaves, self._tree = jax.tree.flatten(parameters)
        self._leaves = [jnp.asarray(leaf) for leaf in leaves]
        names = parameter_names(parameters)
        shapes = {n: leaf.shape for n, leaf in zip(names, self._leaves, strict=True) if _is_real(leaf)}
        if not shapes:
            raise InputError("the network must have floating-point parameters, got none")
        self.blocks = blocks_of(shapes, pattern)
        self._places = [names.index(block.name) for block in self.blocks]
        self.dtype = self._chosen_dtype()
        self.rows, self.evaluations, self.notes = chunks.rows, 0, chunks.notes
        self._value = jax.jit(self.value)
        self._slope = jax.jit(jax.grad(self.value))
        self._products = {matrix: jax.jit(self._product_of(matrix)) for matrix in Matrix}
        self._at = jnp.concatenate([self._leaves[k].ravel() for k in self._places])
        self._check()

    def _chosen_dtype(self) -> np.dtype:
        """The one format of the chosen parameters.

        Raises:
            InputError: if it is neither float32 nor float64, or they differ.
        """
        kinds = {self._leaves[k].dtype.name for k in self._places}
        if len(kinds) > 1 or not kinds <= {"float32", "float64"}:
            raise InputError(f"parameters must all be float32 or all float64, got {', '.join(sorted(kinds))}")
        return np.dtype(kinds.pop())

    @property
    def size(self) -> int:
        """How many parameters were chosen."""
        return self.blocks[-1].part.stop

    def parameters(self) -> Vector:
        """Where the network is."""
        return np.array(self._at)

    def loss(self, step: Vector | None = None) -> float:
        """The loss where the network is, or a step from there.

        Raises:
            InputError: if it is not finite where the network is.
        """
        self.evaluations += 1
        at = self._at if step is None else self._at + jnp.asarray(step, self._at.dtype)
        value = sum(weight * float(self._value(at, batch)) for batch, weight in self._weighted())
        if not np.isfinite(value) and step is None:
            raise InputError(f"the loss must be finite here, got {value}")
        return value

    def gradient(self) -> Vector:
        """The gradient where the network is."""
        return self._summed(lambda batch: self._slope(self._at, batch))

    def product(self, vector: Vector, matrix: Matrix = Matrix.HESSIAN) -> Vector:
        """A matrix of the loss times a vector."""
        direction, product = jnp.asarray(vector, self._at.dtype), self._products[Matrix(matrix)]
        return self._summed(lambda batch: product(self._at, direction, batch))

    def value(self, at: Float[Array, " n"], batch: Batch) -> Float[Array, ""]:
        """The loss of a chunk at a vector of parameters."""
        return self.value_of(self.model_at(at), batch)

    def value_of(self, model: Callable[..., Any], batch: Batch) -> Float[Array, ""]:
        """The loss of a chunk for a model or what stands for it.

        Raises:
            InputError: if it is no number.
        """
        value = jnp.asarray(self._loss(model, *batch))
        if value.size != 1 or not jnp.issubdtype(value.dtype, jnp.floating):
            raise InputError(f"the loss must be one number, got {value.dtype.name} of shape {value.shape}")
        return value.reshape(())

    def model_at(self, at: Float[Array, " n"]) -> Callable[..., Any]:
        """The function with its parameters bound."""
        leaves = list(self._leaves)
        for place, block in zip(self._places, self.blocks, strict=True):
            leaves[place] = at[block.part].reshape(block.shape)
        parameters = jax.tree.unflatten(self._tree, leaves)
        return lambda *args, **kwargs: self._function(parameters, *args, **kwargs)

    def _product_of(self, matrix: Matrix) -> Callable[[Array, Array, Batch], Array]:
        if matrix is Matrix.HESSIAN:
            return lambda at, v, batch: jax.jvp(lambda w: jax.grad(self.value)(w, batch), (at,), (v,))[1]
        return lambda at, v, batch: output_product(self, at, v, batch, matrix)

    def _weighted(self) -> Iterator[tuple[Batch, float]]:
        for batch, rows in self._chunks:
            yield mapped(self._array, batch), rows / self.rows

    def _array(self, array: Any) -> Array:
        """Real numbers in the format of the parameters."""
        taken = jnp.asarray(np.asarray(array))
        return taken.astype(self._at.dtype) if jnp.issubdtype(taken.dtype, jnp.floating) else taken

    def _summed(self, term: Callable[[Batch], Array]) -> Vector:
        """Sum of a chunk's terms with its share of the rows; in float64 where there are several."""
        total: Vector | None = None
        for batch, weight in self._weighted():
            part = np.asarray(term(batch))
            if weight == 1:
                return part
            total = weight * part.astype(np.float64) if total is None else total + weight * part
        assert total is not None
        return total

    def _check(self) -> None:
        """One chunk tells whether the loss can be used.

        Raises:
            InputError: if it cannot.
        """
        batch, rows = next(iter(self._chunks))
        batch = mapped(self._array, batch)
        whole = check_same(lambda: float(self._value(self._at, batch)))
        if not np.isfinite(whole):
            raise InputError(f"the loss must be finite here, got {whole}")
        if rows > 1:
            check_mean(whole, self._halves(batch, rows), float(np.finfo(self.dtype).eps))
        self._check_flat(batch)

    def _halves(self, batch: Batch, rows: int) -> float:
        half = rows // 2
        parts = ((slice(half), half), (slice(half, None), rows - half))
        return sum(
            n / rows * float(self.value(self._at, mapped(lambda array, part=part: array[part], batch)))
            for part, n in parts
        )

    def _check_flat(self, batch: Batch) -> None:
        """Refuse a loss that steps leave as it is.

        Raises:
            InputError: if the Hessian is zero along a random direction.
        """
        text = str(jax.make_jaxpr(self.value)(self._at, batch))
        names = [name for name in FLAT if f" {name}" in text]
        if names:
            v = jnp.asarray(np.random.default_rng(0).standard_normal(self.size), self._at.dtype)
            if not np.any(np.asarray(self._products[Matrix.HESSIAN](self._at, v, batch))):
                raise InputError(f"the loss must be twice differentiable, got zero derivatives through {names[0]}")


def parameter_names(parameters: Any) -> list[str]:
    """Path of each array in a nesting, with dots."""
    paths = [path for path, _ in jax.tree_util.tree_leaves_with_path(parameters)]
    return [jax.tree_util.keystr(path, simple=True, separator=".") or "parameters" for path in paths]


def _is_real(leaf: Array) -> bool:
    return jnp.issubdtype(leaf.dtype, jnp.floating)
