"""Numbers of a network that are in none of its floating arrays, so that neither a code nor a prior knows them."""

from typing import Any

import numpy as np

from fathometer.network._network import Network
from fathometer.network.adapters._jax import JaxNetwork, is_floating
from fathometer.network.adapters._onnx import OnnxNetwork, floating_weights
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._parameters import arrays_of
from fathometer.network.adapters._torch import TorchNetwork

MOST = 16
"""Numbers in one place that pass as part of the architecture: shapes, axes, an epsilon."""


def numbers_elsewhere(net: Network) -> str:
    """Where a network keeps numbers that `arrays_of` does not give; empty if nowhere that can be seen.

    What a function or a module holds outside its parameters and its checkpoint cannot be seen.

    Args:
        net: of any framework.
    """
    if isinstance(net, TorchNetwork):
        return _of_torch(net)
    if isinstance(net, OnnxNetwork):
        return _of_onnx(net)
    return _of_jax(net) if isinstance(net, JaxNetwork) else ""


def _of_torch(net: TorchNetwork) -> str:
    known = set(arrays_of(net))
    tensors = {id(tensor) for name, tensor in _all_tensors(net) if name in known}
    rest = ((name, value) for name, value in net.model.state_dict(keep_vars=True).items() if id(value) not in tensors)
    return next((name for name, value in rest if not _is_plain(value)), "")


def _all_tensors(net: TorchNetwork) -> list[tuple[str, Any]]:
    return [*net.model.named_parameters(), *net.model.named_buffers()]


def _is_plain(value: Any) -> bool:
    """Whether an entry of a checkpoint says nothing that its shape does not."""
    torch = needed("torch")
    if not isinstance(value, torch.Tensor):
        return value is None
    return not value.is_quantized and _follows_from_shape(value.detach().cpu().numpy())


def _follows_from_shape(values: np.ndarray) -> bool:
    """Whether an array is one whole number, a constant, positions that are counted through, or a causal mask."""
    if values.dtype.kind not in "biu":
        return False
    if values.size <= 1 or np.all(values == values.flat[0]):
        return True
    past = np.tri(*values.shape[-2:], dtype=values.dtype) if values.ndim > 1 else np.zeros(0)
    masks = (past, 1 - past) if values.ndim > 1 else ()
    return bool(np.all(values == np.arange(values.shape[-1]))) or any(bool(np.all(values == mask)) for mask in masks)


def _of_jax(net: JaxNetwork) -> str:
    import jax

    leaves, _ = jax.tree_util.tree_flatten_with_path(net.parameters)
    rest = [(path, leaf) for path, leaf in leaves if not is_floating(leaf)]
    arrays = [path for path, leaf in rest if hasattr(leaf, "shape") and not _follows_from_shape(np.asarray(leaf))]
    plain = [path for path, leaf in rest if isinstance(leaf, float | complex)]
    whole = [path for path, leaf in rest if isinstance(leaf, int)]
    found = [*arrays, *plain, *whole[MOST:]]
    return jax.tree_util.keystr(found[0], simple=True, separator=".") if found else ""


def _of_onnx(net: OnnxNetwork) -> str:
    graph = net.graph.graph
    floating = {held.name for held in floating_weights(net.graph)}
    rest = ((held.name, _unexplained(held)) for held in graph.initializer if held.name not in floating)
    kept = [*rest, *((held.values.name, len(held.values.dims) and MOST + 1) for held in graph.sparse_initializer)]
    kept += [(node.name or node.op_type, max(map(_numbers, node.attribute), default=0)) for node in graph.node]
    return next((name for name, count in kept if count > MOST), "")


def _unexplained(held: Any) -> int:
    """How many numbers an initializer holds that do not follow from its shape."""
    values = needed("onnx").numpy_helper.to_array(held)
    return 0 if _follows_from_shape(values) else values.size


def _numbers(attribute: Any) -> int:
    """How many an attribute of a node holds; those of graphs inside it count together."""
    inner = (each for graph in [attribute.g, *attribute.graphs] for node in graph.node for each in node.attribute)
    held = sum(len(tensor.dims) and int(np.prod(tensor.dims)) for tensor in [attribute.t, *attribute.tensors])
    own = len(attribute.floats) + len(attribute.ints) + len(attribute.strings) + held
    return (
        own
        + sum(map(_numbers, inner))
        + sum(int(np.prod(each.dims)) for graph in [attribute.g, *attribute.graphs] for each in graph.initializer)
    )
