"""The loss of any network on any data as one kind of object."""

from collections.abc import Callable
from typing import Any

from fathometer.evidence import InputError
from fathometer.network._objective import Objective
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
    model, framework = _brought(net)
    chunks = chunks_of(data, chunk)
    if framework == "torch":
        from fathometer.network.curvature.objectives._torch import TorchObjective

        return TorchObjective(model, loss, chunks, parameters)
    from fathometer.network.curvature.objectives._jax import JaxObjective

    function, bound = model
    return JaxObjective(function, bound, loss, chunks, parameters)


def _brought(net: Any) -> tuple[Any, str]:
    """A torch module, or a pair of a JAX function and its parameters, and which of both it is.

    Raises:
        InputError: if it is neither.
    """
    framework = getattr(net, "framework", None)
    if framework == "torch":
        return net.model, "torch"
    if framework == "jax":
        return (net.function, net.parameters), "jax"
    if isinstance(net, tuple) and len(net) == 2 and callable(net[0]):
        return net, "jax"
    if any(base.__module__ == "torch.nn.modules.module" for base in type(net).__mro__):
        return net, "torch"
    raise InputError(
        f"curvature needs a torch module or (JAX function, parameters), got {framework or type(net).__name__}"
    )
