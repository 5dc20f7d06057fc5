"""A network of JAX: a function of parameters and rows."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.adapters._outputs import array_of, score_rows, taking
from fathometer.network.adapters._rows import as_array, chunks


class JaxNetwork:
    """A function of JAX with a tree of parameters.

    Attributes:
        framework: "jax".
        name: name of the function.
        function: takes the parameters and a batch.
        parameters: a tree; its floating arrays are trainable.
        model: the function with its parameters bound.
    """

    framework = "jax"

    def __init__(self, function: Callable[..., Any], parameters: Any) -> None:
        self.function, self.parameters = function, parameters
        self.name = getattr(function, "__name__", type(function).__name__)
        self.model = partial(function, parameters)
        if not self.shapes():
            raise InputError(
                f"the parameters of {self.name} must hold floating arrays, got {type(parameters).__name__}"
            )

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of the floating arrays of the tree by path; an array that is there twice counts once."""
        seen = {id(leaf): (name, tuple(leaf.shape)) for name, leaf in reversed(self.arrays().items())}
        return dict(reversed(seen.values()))

    def arrays(self) -> dict[str, Any]:
        """The floating arrays of the tree by path, with dots."""
        import jax

        leaves, _ = jax.tree_util.tree_flatten_with_path(self.parameters)
        named = ((jax.tree_util.keystr(path, simple=True, separator="."), leaf) for path, leaf in leaves)
        return {name or "parameters": leaf for name, leaf in named if is_floating(leaf)}

    def scores(self, inputs: Any) -> NDArray[np.float64]:
        """What it gives for rows.

        Args:
            inputs: an array of rows, or a dictionary of arrays.

        Returns:
            Scores, shape (rows, outputs).
        """
        return np.concatenate([self._of(part, rows) for part, rows in chunks(inputs)])

    def called(self, inputs: Any) -> Any:
        """What the function gives for rows, as it gives it."""
        return self.model(inputs if isinstance(inputs, Mapping) else as_array(inputs))

    def _of(self, inputs: Any, rows: int) -> NDArray[np.float64]:
        with taking(self.name):
            given = self.called(inputs)
        return score_rows(array_of(given), rows)


def is_floating(leaf: Any) -> bool:
    """Whether a leaf of a tree is an array of floating numbers, of NumPy or JAX."""
    import jax.numpy as jnp

    return hasattr(leaf, "shape") and hasattr(leaf, "dtype") and jnp.issubdtype(leaf.dtype, jnp.floating)


def holds_arrays(tree: Any) -> bool:
    """Whether a tree holds floating arrays, as parameters do and functions do not."""
    import jax

    return any(is_floating(leaf) for leaf in jax.tree_util.tree_leaves(tree))
