"""All numbers of a network as arrays by name, and the same network with others in their place.

Frozen parameters and the buffers of a checkpoint (running averages of batch normalisation) belong to them, as what the
rows have taught may be there as well as in what is still trainable.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network._network import Network
from fathometer.network.adapters._jax import JaxNetwork
from fathometer.network.adapters._onnx import OnnxNetwork, floating_weights
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._torch import TorchNetwork, numpy_of

Arrays = Mapping[str, NDArray[Any]]


def arrays_of(net: Network) -> dict[str, NDArray[Any]]:
    """Copies of all floating arrays by name, the trainable ones as `net.shapes()` names them; half becomes float32.

    Args:
        net: of any framework.
    """
    if isinstance(net, TorchNetwork):
        return {name: numpy_of(value).copy() for name, value in _tensors(net).items()}
    if isinstance(net, OnnxNetwork):
        read = needed("onnx").numpy_helper.to_array
        return {held.name: np.array(read(held)) for held in floating_weights(net.graph)}
    held = cast(JaxNetwork, net).arrays()
    return {name: np.array(held[name]) for name in net.shapes()}


def shapes_of(net: Network) -> dict[str, tuple[int, ...]]:
    """Shapes of all floating arrays by name.

    Args:
        net: of any framework.
    """
    if isinstance(net, TorchNetwork):
        return {name: tuple(tensor.shape) for name, tensor in _tensors(net).items()}
    return {name: tuple(shape) for name, shape in net.shapes().items()}


@contextmanager
def moved(net: Network, arrays: Arrays) -> Iterator[Network]:
    """A network with other values of some of its arrays; a module of torch gets its own back afterwards.

    Args:
        net: of any framework.
        arrays: by name, of the shapes that `shapes_of` gives.

    Yields:
        The network, to be asked while the context lasts.

    Raises:
        InputError: if a name or a shape is not one of the network's.
    """
    _require_fitting(net, arrays)
    if isinstance(net, TorchNetwork):
        with _in_place(net, arrays):
            yield net
    elif isinstance(net, OnnxNetwork):
        yield _with_initializers(net, arrays)
    else:
        yield _with_leaves(cast(JaxNetwork, net), arrays)


def _require_fitting(net: Network, arrays: Arrays) -> None:
    shapes = shapes_of(net)
    for name, array in arrays.items():
        if name not in shapes:
            raise InputError(f"the network has no parameters {name!r}; it has {', '.join(list(shapes)[:8])}")
        if np.shape(array) != tuple(shapes[name]):
            raise InputError(f"parameters {name!r} must have shape {tuple(shapes[name])}, got {np.shape(array)}")


def _tensors(net: TorchNetwork) -> dict[str, Any]:
    """Parameters, trainable or not, and the buffers that a checkpoint holds; shared ones once."""
    saved = net.model.state_dict(keep_vars=True)
    buffers = {name: tensor for name, tensor in net.model.named_buffers() if name in saved}
    held = dict(net.model.named_parameters()) | buffers
    return {name: tensor for name, tensor in held.items() if tensor.is_floating_point()}


@contextmanager
def _in_place(net: TorchNetwork, arrays: Arrays) -> Iterator[None]:
    torch = needed("torch")
    held = {name: tensor for name, tensor in _tensors(net).items() if name in arrays}
    kept = {name: tensor.detach().clone() for name, tensor in held.items()}
    try:
        with torch.no_grad():
            for name, tensor in held.items():
                tensor.copy_(torch.from_numpy(np.array(arrays[name])))
        yield
    finally:
        with torch.no_grad():
            for name, tensor in held.items():
                tensor.copy_(kept[name])


def _with_leaves(net: JaxNetwork, arrays: Arrays) -> JaxNetwork:
    """The same function with another tree; a leaf that is there twice is replaced twice."""
    import jax

    named = {id(leaf): name for name, leaf in reversed(net.arrays().items())}
    leaves, tree = jax.tree_util.tree_flatten(net.parameters)
    return JaxNetwork(net.function, tree.unflatten([_replaced(leaf, named.get(id(leaf)), arrays) for leaf in leaves]))


def _replaced(leaf: Any, name: str | None, arrays: Arrays) -> Any:
    import jax.numpy as jnp

    if name is None or name not in arrays:
        return leaf
    return (np if isinstance(leaf, np.ndarray) else jnp).asarray(arrays[name], leaf.dtype)


def _with_initializers(net: OnnxNetwork, arrays: Arrays) -> OnnxNetwork:
    onnx = needed("onnx")
    graph = type(net.graph)()
    graph.CopyFrom(net.graph)
    for held in floating_weights(graph):
        if held.name in arrays:
            dtype = onnx.helper.tensor_dtype_to_np_dtype(held.data_type)
            held.CopyFrom(onnx.numpy_helper.from_array(np.asarray(arrays[held.name], dtype), held.name))
    return OnnxNetwork(net.path, graph)
