"""Hooks on a torch module that hand on what passes its blocks."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._torch import TorchNetwork, numpy_of
from fathometer.network.recording._recording import Recording
from fathometer.network.recording._sites import ATTENTION, MLP, NORM_POST, NORM_PRE, Sites
from fathometer.network.recording.frameworks._torch_anatomy import BlockParts, blocks_in, final_norms, is_pretrained

IDS = ("input_ids", "input", "ids", "tokens", "x")
ROUNDED = 0.02
"""Rows of weights in half precision sum to 1 but for so much."""
PADDING = ("src_key_padding_mask", "key_padding_mask", "padding_mask")


class TorchRecorder:
    """Hooks, from `start` to `stop`, that hand what passes the blocks to a recording.

    Args:
        network: whose module is hooked.
        recording: takes in what passes.
        sites: which blocks.
        causal: whether tokens see only those before them; None for what the attention says.
    """

    def __init__(self, network: TorchNetwork, recording: Recording, sites: Sites, causal: bool | None = None) -> None:
        self._model: Any = network.model
        self._recording, self._causal = recording, causal
        self._blocks, recognised = blocks_in(network.model, sites)
        self._own = recognised and is_pretrained(network.model)
        self._handles: list[Any] = []
        self._kernel: str | None = None
        self._reset()

    def start(self) -> None:
        """Hang the hooks.

        Raises:
            InputError: if the network is in training mode.
        """
        check_mode(self._model)
        self._explain()
        self._handles.append(self._model.register_forward_pre_hook(self._begin, with_kwargs=True))
        for block in self._blocks:
            self._hang_on(block)
        for norm in final_norms(self._model, self._blocks):
            self._handles.append(norm.register_forward_hook(self._norm))
        self._handles.append(self._model.register_forward_hook(self._end))
        if "pattern" in self._recording.asks:
            self._open_attention()

    def stop(self) -> None:
        """Take the hooks away, and leave the module as it was."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if self._kernel is not None:
            self._model.set_attn_implementation(self._kernel)
            self._kernel = None

    def _explain(self) -> None:
        note, first = self._recording.note, next(self._model.parameters(), None)
        if first is not None and first.dtype not in (needed("torch").float32, needed("torch").float64):
            note(f"the network runs in {str(first.dtype).removeprefix('torch.')}; what is recorded becomes float32")
        if not self._own:
            note("the network gives no hidden states of its own to compare with what was recorded")

    def _hang_on(self, block: BlockParts) -> None:
        pre, post = block.module.register_forward_pre_hook, block.module.register_forward_hook
        self._handles.append(pre(lambda module, args, kwargs: self._before(block, args, kwargs), with_kwargs=True))
        for part in block.patterns:
            self._handles.append(part.register_forward_hook(self._pattern))
        for name, part in ((ATTENTION, block.attention_out), (MLP, block.mlp_out)):
            if part is not None:
                self._handles.append(part.register_forward_hook(self._part(name)))
        self._handles.append(post(lambda module, args, output: self._after(block, output)))

    def _open_attention(self) -> None:
        """Let the attention give its weights: the plain path of transformers, and of torch's own attention."""
        if is_pretrained(self._model):
            self._kernel = self._model.config._attn_implementation
            self._recording.note("attention runs on its plain path, which shows its weights")
            with suppress(ValueError):
                self._model.set_attn_implementation("eager")
        for block in self._blocks:
            for part in block.patterns:
                if type(part).__name__ == "MultiheadAttention":
                    self._handles.append(part.register_forward_pre_hook(_with_weights, with_kwargs=True))

    def _reset(self) -> None:
        self._running, self._number = False, 0
        self._stream: Any = None
        self._now: dict[str, NDArray[np.floating]] = {}
        self._calls: dict[Any, tuple[tuple[Any, ...], dict[str, Any]]] = {}

    def _begin(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        check_mode(self._model)
        self._reset()
        self._running = True
        given = named_arguments(module, args, kwargs)
        ids, mask = token_ids(given), token_mask(given)
        if ids is not None:
            check_ids(ids, getattr(module, "config", None), self._recording.texts)
        self._recording.open(ids, mask)
        if self._own and self._recording.checking:
            kwargs = {**kwargs, "output_hidden_states": True}
        return args, kwargs

    def _before(self, block: BlockParts, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not self._running:
            raise InputError("the network itself must be called while it is recorded, not a part of it")
        stream = _first_floating((*args, *kwargs.values()))
        if stream is None:
            raise InputError(f"{block.name} is called without an array of tokens")
        self._now = {"before": np.array(_batch(stream, block))}
        if self._recording.iterate is not None:
            self._calls[block.module] = args, kwargs

    def _pattern(self, module: Any, args: tuple[Any, ...], output: Any) -> None:
        if "before" in self._now and "pattern" in self._recording.asks and isinstance(output, tuple):
            weights = next(filter(_is_pattern, output[1:]), None)
            if weights is not None:
                self._now["pattern"] = numpy_of(weights)

    def _part(self, name: str) -> Callable[..., None]:
        def take(module: Any, args: tuple[Any, ...], output: Any) -> None:
            values = _first_floating(output if isinstance(output, tuple) else (output,))
            if "before" in self._now and values is not None:
                self._now[name] = np.array(numpy_of(values))  # a copy: some blocks add to it in place

        return take

    def _after(self, block: BlockParts, output: Any) -> None:
        stream = _first_floating(output if isinstance(output, tuple | list) else (output,))
        if stream is None:
            raise InputError(f"{block.name} gives {type(output).__name__}, not an array of tokens")
        self._stream = stream
        before, after = self._now["before"], _batch(stream, block)
        parts = self._fitting(block, before.shape)
        self._recording.passage(self._number, before, after, self._is_causal(block, parts), parts)
        self._number += 1
        self._now = {}

    def _fitting(self, block: BlockParts, shape: tuple[int, ...]) -> dict[str, NDArray[np.floating]]:
        """Parts that have the shape of the stream; others, such as those of a router, are none."""
        found = {name: self._now[name] for name in ("pattern",) if name in self._now}
        for name in (ATTENTION, MLP):
            if name in self._now:
                values = _in_batch(self._now[name], block.time_first)
                if values.shape == shape:
                    found[name] = values
        missing = self._recording.asks - ({"attended"} if ATTENTION in found else set()) - set(found)
        if missing:
            self._recording.note(f"{block.name} gives no {' and no '.join(sorted(missing))}")
        return found

    def _is_causal(self, block: BlockParts, parts: Mapping[str, NDArray[np.floating]]) -> bool:
        if self._causal is not None:
            return self._causal
        if "pattern" in parts and parts["pattern"].shape[-1] > 1:
            return not self._recording.looks_ahead(parts["pattern"])
        return block.causal

    def _norm(self, module: Any, args: tuple[Any, ...], output: Any) -> None:
        if self._running and self._stream is not None and args and args[0] is self._stream:
            time_first = self._blocks[-1].time_first
            self._recording.place(NORM_PRE, _in_batch(numpy_of(args[0]), time_first))
            self._recording.place(NORM_POST, _in_batch(numpy_of(output), time_first))

    def _end(self, module: Any, args: tuple[Any, ...], output: Any) -> None:
        if not self._number:
            raise InputError("none of the blocks that were recognised ran")
        if self._recording.iterate is not None:
            self._iterate(self._recording.iterate)
        own = getattr(output, "hidden_states", None) if self._own else None
        if self._own and own is None and self._recording.checking:
            self._recording.note("the network was called so that it gives no hidden states of its own to compare with")
        self._recording.close(own and [_in_batch(numpy_of(states), False) for states in own])
        self._reset()

    def _iterate(self, times: int) -> None:
        """Apply the block that all layers share until it was applied so often.

        Raises:
            InputError: if layers have weights of their own, or it is less often than the network does.
        """
        if len(self._calls) != 1:
            raise InputError(
                "iterate needs one block that all layers share; this network has blocks with weights of their own"
            )
        if times < self._number:
            raise InputError(f"iterate must be at least the {self._number} layers of the network, got {times}")
        ((block, (args, kwargs)),) = self._calls.items()
        self._recording.beyond()
        name = None if args else next(name for name, value in kwargs.items() if _first_floating([value]) is not None)
        with needed("torch").no_grad():
            while self._number < times:
                rest = kwargs if name is None else {**kwargs, name: self._stream}
                block(*([self._stream, *args[1:]] if args else ()), **rest)


def check_mode(model: Any) -> None:
    """Refuse a module that trains.

    Raises:
        InputError: if a part of it is in training mode.
    """
    name = next((name for name, part in model.named_modules() if part.training), None)
    if name is not None:
        raise InputError(
            f"{name or 'the network'} is in training mode, with its dropout and batch statistics: call model.eval()"
        )


def check_ids(ids: NDArray[Any], config: Any, first: int = 0) -> None:
    """Refuse texts that are longer than the network, or of another vocabulary.

    Args:
        ids: token ids, shape (texts, n).
        config: of the network, if it has one.
        first: number of the first text.

    Raises:
        InputError: if a text has more tokens than the network positions, or an id is not of its vocabulary.
    """
    positions, words = getattr(config, "max_position_embeddings", None), getattr(config, "vocab_size", None)
    if getattr(config, "model_type", "") in ("roberta", "xlm-roberta", "camembert") and positions:
        positions -= (config.pad_token_id or 0) + 1
    if isinstance(positions, int) and positions > 0 and ids.shape[-1] > positions:
        raise InputError(f"text {first} has {ids.shape[-1]} tokens, the network takes at most {positions}")
    if isinstance(words, int) and ids.size and not 0 <= ids.min() <= ids.max() < words:
        wrong = ids.max() if ids.max() >= words else ids.min()
        raise InputError(f"token ids must be from 0 to {words - 1}, got {wrong} in text {first} or after")


def named_arguments(module: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a call of a module by name.

    Args:
        module: that was called.
        args: of the call.
        kwargs: the same.
    """
    try:
        return dict(inspect.signature(module.forward).bind_partial(*args, **kwargs).arguments)
    except TypeError:
        return {**{f"argument {i}": value for i, value in enumerate(args)}, **kwargs}


def token_ids(given: Mapping[str, Any]) -> NDArray[Any] | None:
    """Token ids among the arguments of a network: by name, or the first if it is whole."""
    for value in (*(given.get(name) for name in IDS), next(iter(given.values()), None)):
        if getattr(value, "ndim", 0) in (1, 2) and not value.is_floating_point():  # type: ignore[union-attr]
            return np.atleast_2d(numpy_of(value))
    return None


def token_mask(given: Mapping[str, Any]) -> NDArray[Any] | None:
    """The mask of padding among the arguments of a network, 0 at padding."""
    mask = given.get("attention_mask")
    if getattr(mask, "ndim", 0) == 2:
        return numpy_of(mask)
    padding = next((given[name] for name in PADDING if getattr(given.get(name), "ndim", 0) == 2), None)
    return None if padding is None else numpy_of(padding) == 0


def _is_pattern(values: Any) -> bool:
    """Whether a tensor holds weights of an attention, shape (texts, heads, n, n): rows of shares that sum to 1."""
    if getattr(values, "ndim", 0) != 4 or not values.is_floating_point():
        return False
    return bool((values >= 0).all()) and bool(((values.sum(-1) - 1).abs() < ROUNDED).all())


def _with_weights(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args, {**kwargs, "need_weights": True, "average_attn_weights": False}


def _first_floating(values: Any) -> Any:
    torch = needed("torch")
    found = (each for each in values if isinstance(each, torch.Tensor) and each.is_floating_point())
    return next(found, None)


def _batch(tensor: Any, block: BlockParts) -> NDArray[np.floating]:
    if getattr(tensor, "is_nested", False):
        raise InputError("nested tensors are not recorded: build the encoder with enable_nested_tensor=False")
    return _in_batch(numpy_of(tensor), block.time_first)


def _in_batch(values: NDArray[np.floating], time_first: bool) -> NDArray[np.floating]:
    if values.ndim == 2:
        return values[np.newaxis]
    return values.swapaxes(0, 1) if time_first and values.ndim == 3 else values
