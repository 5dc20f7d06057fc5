"""The loss of a JAX network: gradients, and products as directional derivatives of the gradient."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

import fathometer.numerics  # noqa: F401  (switches JAX to float64)
from fathometer.evidence import InputError
from fathometer.network._network import Block, blocks_of
from fathometer.network._objective import Matrix, Vector
from fathometer.network.curvature.objectives._checks import check_mean, check_same, finite_loss, first_value
from fathometer.network.curvature.objectives._data import Batch, Chunks, mapped
from fathometer.network.curvature.objectives._jax_outputs import output_product

FLAT = ("round", "floor", "ceil", "sign", "argmax", "argmin")
"""Primitives whose derivative is zero wherever it exists."""
_HALVES = {"bf16": "bfloat16", "f16": "float16"}


class JaxObjective:
    """See `fathometer.network.Objective`.

    Attributes:
        notes: what was changed or left out, in whole sentences.
    """

    def __init__(
        self, function: Callable[..., Any], parameters: Any, loss: Callable[..., Any], chunks: Chunks, pattern: str
    ) -> None:
        self._function, self._loss, self._chunks = function, loss, chunks
        self._tree = jax.tree.structure(parameters)
        self._leaves = [jnp.asarray(leaf) for leaf in jax.tree.leaves(parameters)]
        self._places_of = _places(parameters)
        if not self._places_of:
            raise InputError("the network must have floating-point parameters, got none")
        self.rows, self.evaluations, self.notes = chunks.rows, 0, chunks.notes
        self._choose(blocks_of({n: self._leaves[k[0]].shape for n, k in self._places_of.items()}, pattern))
        self._check()

    def _choose(self, blocks: tuple[Block, ...]) -> None:
        self.blocks, self.dtype = blocks, self._dtype_of(blocks)
        self._value = jax.jit(self.value)
        self._slope = jax.jit(jax.grad(self.value))
        self._products = {matrix: jax.jit(self._product_of(matrix)) for matrix in Matrix}
        self._at = self._joined(self._leaves)

    def restricted(self, block: Block) -> "JaxObjective":
        """The same loss in the parameters of one block, the others held fixed."""
        other = copy(self)
        other._choose((replace(block, start=0),))
        return other

    @property
    def in_one_chunk(self) -> bool:
        """Whether all rows are computed at once."""
        return next(iter(self._chunks))[1] == self.rows

    def _dtype_of(self, blocks: tuple[Block, ...]) -> np.dtype:
        """The one format of the chosen parameters.

        Raises:
            InputError: if it is neither float32 nor float64, or they differ.
        """
        kinds = {self._leaves[self._places_of[block.name][0]].dtype.name for block in blocks}
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

    def move_to(self, parameters: Any) -> None:
        """Go on at other values of the chosen parameters, in a tree as before, without compiling again.

        Args:
            parameters: the tree; arrays of it that were not chosen keep the values that they had.
        """
        self._at = self._joined(jax.tree.leaves(parameters))

    def _joined(self, leaves: list[Any]) -> Array:
        """The chosen ones among the leaves of a tree in one vector."""
        return jnp.concatenate([jnp.ravel(leaves[self._places_of[block.name][0]]) for block in self.blocks])

    def loss(self, step: Vector | None = None) -> float:
        """The loss where the network is, or a step from there."""
        self.evaluations += 1
        at = self._at if step is None else self._at + jnp.asarray(step, self._at.dtype)
        value = sum(weight * float(self._value(at, batch)) for batch, weight in self._weighted())
        return value if step is not None else finite_loss(value)

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
        for block in self.blocks:
            for place in self._places_of[block.name]:
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
                return np.array(part)
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
        whole = check_same(lambda: first_value(lambda: float(self._value(self._at, batch))))
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

    def _check_precision(self, traced: str) -> None:
        """Refuse a loss that rounds on the way; arrays that are held fixed may be of any format.

        Raises:
            InputError: if it has numbers of half precision.
        """
        half = _half_in(traced)
        if half is not None and all(leaf.dtype.name not in _HALVES.values() for leaf in self._leaves):
            raise InputError(f"the loss must be computed in float32 or float64, got {half} on the way")

    def _check_flat(self, batch: Batch) -> None:
        """Refuse a loss that steps leave as it is.

        Raises:
            InputError: if the Hessian is zero along a random direction.
        """
        text = str(jax.make_jaxpr(self.value)(self._at, batch))
        self._check_precision(text)
        names = [name for name in FLAT if f" {name}" in text]
        if names:
            v = jnp.asarray(np.random.default_rng(0).standard_normal(self.size), self._at.dtype)
            if not np.any(np.asarray(self._products[Matrix.HESSIAN](self._at, v, batch))):
                raise InputError(f"the loss must be twice differentiable, got zero derivatives through {names[0]}")


def _half_in(text: str) -> str | None:
    """The name of a format of half precision that a traced function has numbers in."""
    return next((name for mark, name in _HALVES.items() if f":{mark}[" in text), None)


def named_arrays(parameters: Any) -> dict[str, Any]:
    """Each leaf of a nesting by its path, with dots."""
    named = jax.tree_util.tree_leaves_with_path(parameters)
    return {jax.tree_util.keystr(path, simple=True, separator=".") or "parameters": leaf for path, leaf in named}


def _places(parameters: Any) -> dict[str, tuple[int, ...]]:
    """Numbers of the leaves of each floating array, by its first path: one that is there twice is one array."""
    first: dict[int, str] = {}
    places: dict[str, tuple[int, ...]] = {}
    for place, (name, leaf) in enumerate(named_arrays(parameters).items()):
        if jnp.issubdtype(jnp.result_type(leaf), jnp.floating):
            known = first.setdefault(id(leaf), name)
            places[known] = (*places.get(known, ()), place)
    return places
