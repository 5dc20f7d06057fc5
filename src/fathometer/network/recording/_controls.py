"""Networks, texts and tokens to compare with: what is seen in them as well is no merit of training."""

import copy
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.adapters._jax import JaxNetwork, is_floating
from fathometer.network.adapters._onnx import OnnxNetwork
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._torch import TorchNetwork
from fathometer.network.recording._masks import special_ids
from fathometer.network.recording._passage import Passage, Reducer

CONTROLS = ("random", "centred", "shuffled", "random-values")


def controlled(
    control: str, network: Any, texts: Sequence[Any], reducers: Sequence[Reducer], seed: int = 0
) -> tuple[Any, list[Any], list[Reducer]]:
    """What to record for a control: the network, texts and reducers, of which one is replaced.

    Args:
        control: "random": the same architecture with random weights. "centred": without the mean token of each state.
            "shuffled": the words of each text in another order. "random-values": value matrices of independent normal
            entries.
        network: of an adapter.
        texts: arrays of token ids.
        reducers: as for the network itself, but new ones.
        seed: of what is random.

    Raises:
        InputError: if there is no such control, or the network does not allow it.
    """
    if control == "random":
        return random_weights(network, seed), list(texts), list(reducers)
    if control == "centred":
        return network, list(texts), [Centred(reducer) for reducer in reducers]
    if control == "shuffled":
        return network, shuffled(texts, special_ids(network)[0], seed), list(reducers)
    if control == "random-values":
        return random_values(network, seed), list(texts), list(reducers)
    raise InputError(f"control must be one of {', '.join(CONTROLS)}, got {control!r}")


def random_weights(network: Any, seed: int = 0) -> Any:
    """The same architecture with random weights.

    A model of transformers is made anew from its configuration; other modules of torch have each of their parts draw
    its weights again; where a part cannot, and of functions of JAX and graphs of ONNX, the entries of each array are
    permuted.

    Args:
        network: of an adapter.
        seed: of the weights.

    Raises:
        InputError: if it is a network of another framework.
    """
    if isinstance(network, TorchNetwork):
        return _random_torch(network, seed)
    if isinstance(network, JaxNetwork):
        return _permuted_jax(network, seed)
    if isinstance(network, OnnxNetwork):
        return _permuted_onnx(network, seed)
    raise InputError(f"a network of {network.framework} cannot be made anew")


class Centred:
    """Hands passages on without the mean token: of what enters, of what leaves, and of what the attention adds.

    Args:
        reducer: sees the centred passages.
    """

    def __init__(self, reducer: Reducer) -> None:
        self.reducer = reducer
        self.asks = getattr(reducer, "asks", ())

    def see(self, passage: Passage) -> None:
        """Centre a passage and hand it on."""
        attended = None if passage.attended is None else _centred(passage.attended)
        self.reducer.see(
            replace(passage, before=_centred(passage.before), after=_centred(passage.after), attended=attended)
        )

    def drop(self, text: int) -> None:
        """Tell the reducer of a text that was interrupted."""
        drop = getattr(self.reducer, "drop", None)
        if drop is not None:
            drop(text)


def shuffled(texts: Sequence[Any], special: Collection[int] = (), seed: int = 0) -> list[Any]:
    """Texts whose words are in another order; special tokens keep their places.

    Args:
        texts: arrays of token ids.
        special: ids that keep their places.
        seed: of the order.

    Raises:
        InputError: if a text is not of token ids.
    """
    rng = np.random.default_rng(seed)
    return [_shuffle(np.asarray(text), special, rng) for text in texts]


def random_values(network: Any, seed: int = 0) -> Any:
    """The network with value matrices of independent normal entries of variance 1 / columns, without offsets.

    A block that all layers share draws its values again each time that it is called: common noise, the same for all
    tokens. The network that was given is left as it is.

    Args:
        network: of torch.
        seed: of the entries.

    Raises:
        InputError: if its value matrices are not recognised.
    """
    if not isinstance(network, TorchNetwork):
        raise InputError(f"only value matrices of torch are recognised, got a network of {network.framework}")
    from fathometer.network.recording.frameworks._torch_values import with_random_values

    made = TorchNetwork(with_random_values(network.model, seed), f"{network.name}, random values", network.folder)
    made.redrawn = True
    return made


def _random_torch(network: TorchNetwork, seed: int) -> TorchNetwork:
    torch = needed("torch")
    from fathometer.network.recording.frameworks._torch_anatomy import is_pretrained

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = network.model
        made = type(model)(model.config) if is_pretrained(model) else _drawn_again(model)  # type: ignore[call-arg]
    first = next(model.parameters())
    made = made.to(first.device, first.dtype).eval()
    return TorchNetwork(made, f"{network.name}, random weights", network.folder)


def _drawn_again(model: Any) -> Any:
    made = copy.deepcopy(model)
    reached: set[int] = set()
    for part in made.modules():
        for name in ("reset_parameters", "_reset_parameters"):
            if hasattr(part, name):
                getattr(part, name)()
                reached |= {id(parameter) for parameter in part.parameters()}
                break
    _permute([parameter for parameter in made.parameters() if id(parameter) not in reached])
    return made


def _permute(parameters: list[Any]) -> None:
    """Mix the entries of what no part draws again, such as positions that a module holds itself."""
    torch = needed("torch")
    with torch.no_grad():
        for parameter in parameters:
            order = torch.randperm(parameter.numel(), device=parameter.device)
            parameter.copy_(parameter.reshape(-1)[order].reshape(parameter.shape))


def _permuted_jax(network: JaxNetwork, seed: int) -> JaxNetwork:
    import jax

    rng = np.random.default_rng(seed)
    mixed = jax.tree_util.tree_map(
        lambda leaf: _permuted(np.asarray(leaf), rng) if is_floating(leaf) else leaf, network.parameters
    )
    return JaxNetwork(network.function, mixed)


def _permuted_onnx(network: OnnxNetwork, seed: int) -> OnnxNetwork:
    onnx = needed("onnx")
    from fathometer.network.adapters._onnx import floating_weights

    rng = np.random.default_rng(seed)
    graph = onnx.ModelProto()
    graph.CopyFrom(network.graph)
    for held in floating_weights(graph):
        array = onnx.numpy_helper.to_array(held)
        held.CopyFrom(onnx.numpy_helper.from_array(_permuted(array, rng), held.name))
    return OnnxNetwork(network.path, graph)


def _permuted(array: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    return rng.permutation(array.reshape(-1)).reshape(array.shape) if array.ndim > 1 else array


def _shuffle(text: NDArray[Any], special: Collection[int], rng: np.random.Generator) -> NDArray[Any]:
    if text.ndim != 1:
        raise InputError("only texts of token ids can be shuffled")
    words = np.flatnonzero(~np.isin(text, list(special)))
    mixed = text.copy()
    mixed[words] = text[rng.permutation(words)]
    return mixed


def _centred(tokens: NDArray[np.floating]) -> NDArray[np.floating]:
    return tokens - tokens.mean(axis=0, dtype=np.float64).astype(tokens.dtype)
