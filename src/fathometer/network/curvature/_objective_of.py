"""The loss of any network on any data as one kind of object."""

from collections.abc import Callable
from typing import Any

from fathometer.evidence import InputError
from fathometer.network._objective import Objective
from fathometer.network.adapters import wrap
from fathometer.network.adapters._jax import JaxNetwork
from fathometer.network.adapters._torch import TorchNetwork
from fathometer.network.curvature.objectives._data import chunks_of


def objective(
    net: Any, loss: Callable[..., Any], data: Any, parameters: str = "*", chunk: int | None = None
) -> Objective:
    """The mean loss of a network over rows, as a function of chosen parameters, with gradient and products.

    Args:
        net: what `wrap` takes or returns: a torch module, or (JAX function, parameters).
        loss: `loss(model, X, y)`, or `loss(model, batch)` where a batch is a dictionary: the mean over the rows given.
        data: (X, y), a dictionary of arrays, a list of batches, or a loader that gives the same rows on every pass.
        parameters: names of arrays as in a shell, several separated by commas; the others are held fixed.
        chunk: rows that are computed at once; the batches as they are given if None, and 1000 rows of arrays.

    Raises:
        InputError: if the network, the loss or the data cannot be used; the message says why.
    """
    chunks, network = chunks_of(data, chunk), wrap(net)
    if isinstance(network, TorchNetwork):
        from fathometer.network.curvature.objectives._torch import TorchObjective

        return TorchObjective(network.model, loss, chunks, parameters)
    if isinstance(network, JaxNetwork):
        from fathometer.network.curvature.objectives._jax import JaxObjective

        return JaxObjective(network.function, network.parameters, loss, chunks, parameters)
    raise InputError(f"curvature needs a network of torch or JAX, got {network.framework}: it has no derivatives")
