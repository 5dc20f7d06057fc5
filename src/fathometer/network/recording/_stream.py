"""Many texts through a recorded network, one after another."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, whole_number
from fathometer.network.adapters._outputs import array_of, taking
from fathometer.network.adapters._wrap import is_torch, wrap
from fathometer.network.recording._passage import Reducer
from fathometer.network.recording._record import record
from fathometer.network.recording._recording import Recording
from fathometer.network.recording._texts import Text, padded, texts_of
from fathometer.network.recording.frameworks._taps import RUNNING

REPEATED = 1e-3
"""Differences between two passes that rounding in another order explains, of the largest number."""


def recorded_texts(
    network: Any,
    texts: Any,
    reducers: Sequence[Reducer] | None = None,
    batch: int = 1,
    announce: Callable[[int, int], object] | None = None,
    **options: Any,
) -> Recording:
    """Send texts through a network, a few at a time, in evaluation mode and without gradients.

    Memory is that of one batch: the states of a text are dropped when the reducers have seen them.

    Args:
        network: what `wrap` takes, or gives.
        texts: sequences of token ids of any lengths, or batches by name.
        reducers: are handed every passage, by default the one that `report` needs; `drop(text)` of a reducer, if it
            has one, is told of a text that was interrupted.
        batch: how many texts go through at once, padded to the longest of them.
        announce: is told how many of how many texts are done.
        options: as `record` takes them: sites, keep, memory, keep_special, special, causal, iterate.

    Returns:
        What was seen. If the run was interrupted, what was seen until then, with `interrupted` set.

    Raises:
        InputError: if a text does not fit the network, or what was recorded is not what the network computes.
    """
    net, waiting = wrap(network), texts_of(texts)
    size = whole_number("batch", batch, at_least=1)
    with _evaluating(net):
        _check_repeats(net, waiting[:1])
    with _evaluating(net), record(net, reducers=reducers, **options) as seen:
        try:
            for given, ids, mask in _batches(net, waiting, size):
                _call(net, given, ids, mask, seen)
                if announce is not None:
                    announce(seen.texts, len(waiting))
        except KeyboardInterrupt:
            _interrupted(seen, size)
    seen.check()
    return seen


def _check_repeats(network: Any, texts: Sequence[Text]) -> None:
    """Refuse randomness that evaluation mode leaves on.

    Raises:
        InputError: if the network gives other numbers for the same text.
    """
    if not is_torch(network.model) or network.redrawn:
        return
    given = next(_batches(network, texts, 1))[0]
    try:
        one, other = (array_of(network.called(given)).double() for _ in range(2))
    except Exception:  # the text does not fit: said when it is recorded
        return
    if not bool(one.isfinite().all()):  # said with its place when it is recorded
        return
    if not bool((one - other).abs().max() <= REPEATED * max(1.0, float(one.abs().max()))):
        raise InputError(f"{network.name} gives other numbers for the same text: dropout or other randomness is on")


def _evaluating(network: Any) -> Any:
    if not is_torch(network.model):
        return nullcontext()
    from fathometer.network.adapters._torch import evaluating

    return evaluating(network.model)


def _call(network: Any, given: Any, ids: NDArray[Any] | None, mask: NDArray[Any] | None, seen: Recording) -> None:
    if RUNNING:
        RUNNING[-1].expect(ids, mask)
    if ids is None:
        seen.inputs.append(given)
    with taking(network.name, f"text {seen.texts}"):
        network.called(given)


def _interrupted(seen: Recording, batch: int) -> None:
    seen.interrupted = True
    seen.note(f"interrupted after {seen.texts} texts")
    for reducer in seen.reducers:
        drop = getattr(reducer, "drop", None)
        if drop is not None:
            for text in range(seen.texts, seen.texts + batch):
                drop(text)


def _batches(
    network: Any, texts: Sequence[Text], size: int
) -> Iterator[tuple[Any, NDArray[Any] | None, NDArray[Any] | None]]:
    """Calls of the network, one after another.

    Yields:
        What it is called with, and the ids and mask that this holds.
    """
    masked = _takes_mask(network)
    for group in _groups(texts, size, masked):
        if isinstance(group[0], Mapping):
            yield group[0], None, None
            continue
        ids, mask = padded([np.asarray(text) for text in group], _pad(network))
        yield _named(network, ids, mask) if masked else ids, ids, mask


def _groups(texts: Sequence[Text], size: int, masked: bool) -> Iterator[list[Text]]:
    """Neighbouring texts, so many at once; of equal length where the network takes no mask.

    Yields:
        Each group.
    """
    group: list[Text] = []
    for text in texts:
        alone = isinstance(text, Mapping) or (group and isinstance(group[0], Mapping))
        if group and (alone or len(group) == size or not (masked or len(group[0]) == len(text))):
            yield group
            group = []
        group.append(text)
    yield group


def _takes_mask(network: Any) -> bool:
    if network.framework == "onnx":
        return "attention_mask" in network.takes()
    return is_torch(network.model) and "attention_mask" in _arguments(network)


def _named(network: Any, ids: NDArray[Any], mask: NDArray[Any]) -> dict[str, Any]:
    extra = {"use_cache": False} if is_torch(network.model) and "use_cache" in _arguments(network) else {}
    return {"input_ids": ids, "attention_mask": mask, **extra}


def _arguments(network: Any) -> Mapping[str, Any]:
    return inspect.signature(network.model.forward).parameters


def _pad(network: Any) -> int:
    return getattr(getattr(network.model, "config", None), "pad_token_id", None) or 0
