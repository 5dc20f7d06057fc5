"""What enters the last layer of a network of torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network._network import Network
from fathometer.network.adapters._rows import chunks
from fathometer.network.adapters._torch import TorchNetwork, evaluating, numpy_of


def features_of(net: Network, inputs: Any, layer: str) -> NDArray[np.float64]:
    """What a layer of a module of torch receives for rows, in evaluation mode.

    Args:
        net: of torch.
        inputs: an array of rows, or a dictionary of arrays.
        layer: name of the layer, such as fc or classifier.

    Returns:
        Shape (rows, d).

    Raises:
        InputError: if the network is none of torch, or has no such layer that receives a vector for each row.
    """
    if not isinstance(net, TorchNetwork):
        raise InputError(f"a head is named by its layer in torch alone; give a Head(...) for {net.framework}")
    module = dict(net.model.named_modules()).get(layer)
    if module is None or not layer:
        raise InputError(f"the network has no layer {layer!r}")
    seen: list[NDArray[Any]] = []
    handle = module.register_forward_pre_hook(lambda _, given: seen.append(numpy_of(given[0])))
    try:
        with evaluating(net.model):
            for part, _ in chunks(inputs):
                net.called(part)
    finally:
        handle.remove()
    if not seen or seen[0].ndim != 2:
        raise InputError(
            f"layer {layer!r} must receive a vector for each row, got shape {np.shape(seen[0] if seen else ())}"
        )
    return np.concatenate(seen).astype(np.float64)
