"""The next update of an optimiser of optax as a direction."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network._network import Block
from fathometer.network.steps._directions import Direction


def is_transformation(candidate: Any) -> bool:
    """Whether it is a transformation of optax, alone or in a pair with its state."""
    first = candidate[0] if type(candidate) is tuple and len(candidate) == 2 else candidate
    return callable(getattr(first, "init", None)) and callable(getattr(first, "update", None))


def optax_direction(
    direction: Any, parameters: Any, blocks: Sequence[Block], gradient: NDArray[np.floating]
) -> Direction:
    """What the next update takes off the parameters: the step that training takes is 1.

    Args:
        direction: a transformation, whose state is then new, or (transformation, state).
        parameters: the tree.
        blocks: the arrays of the direction.
        gradient: of the loss, shape (size,).
    """
    alone = hasattr(direction, "init")
    transformation, state = (direction, direction.init(parameters)) if alone else direction
    updates, _ = transformation.update(tree_of(gradient, blocks, parameters), state, parameters)
    vector = -vector_of(updates, blocks, parameters)
    return Direction("optax", vector, float(np.asarray(gradient, np.float64) @ vector), 1.0)


def tree_of(vector: NDArray[np.floating], blocks: Sequence[Block], parameters: Any) -> Any:
    """A vector as a tree like the parameters; what the blocks leave out is 0.

    Args:
        vector: shape (size,).
        blocks: which arrays it is made of.
        parameters: the tree.
    """
    import jax
    import jax.numpy as jnp

    parts = {block.name: np.asarray(vector)[block.part].reshape(block.shape) for block in blocks}
    named = {name: jnp.asarray(leaf) for name, leaf in _named(parameters).items()}
    filled = [jnp.asarray(parts[n], a.dtype) if n in parts else jnp.zeros_like(a) for n, a in named.items()]
    return jax.tree.unflatten(jax.tree.structure(parameters), filled)


def vector_of(tree: Any, blocks: Sequence[Block], parameters: Any) -> NDArray[np.float64]:
    """The arrays of a tree like the parameters that the blocks name, one after another.

    Args:
        tree: like the parameters.
        blocks: which arrays the vector is made of.
        parameters: the tree that gives them their names.

    Raises:
        InputError: if an array has another shape.
    """
    import jax

    by_name = dict(zip(_named(parameters), jax.tree.leaves(tree), strict=True))
    vector = np.zeros(blocks[-1].part.stop)
    for block in blocks:
        if np.shape(by_name[block.name]) != block.shape:
            raise InputError(f"{block.name} must have shape {block.shape}, got {np.shape(by_name[block.name])}")
        vector[block.part] = np.asarray(by_name[block.name], np.float64).ravel()
    return vector


def _named(parameters: Any) -> dict[str, Any]:
    from fathometer.network.curvature.objectives._jax import named_arrays

    return named_arrays(parameters)
