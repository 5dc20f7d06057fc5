"""The loss of a classifier whose user gave none: cross-entropy of its scores, as its framework writes it."""

from collections.abc import Callable
from typing import Any

from fathometer.network._network import Network
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._outputs import array_of


def cross_entropy(net: Network) -> Callable[[Any, Any, Any], Any]:
    """Mean cross-entropy of the softmax of the scores; scores that are log-probabilities already give the same.

    Args:
        net: of torch or JAX, with a score for each class.
    """
    return _of_torch if net.framework == "torch" else _of_jax


def _of_torch(model: Any, X: Any, y: Any) -> Any:
    return needed("torch").nn.functional.cross_entropy(array_of(model(X)), y.long())


def _of_jax(model: Any, X: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    logs = jax.nn.log_softmax(array_of(model(X)), axis=1)
    return -jnp.take_along_axis(logs, y.astype(int)[:, None], axis=1).mean()
