"""Record a network while it runs."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from fathometer.evidence import InputError, whole_number
from fathometer.network.adapters._jax import JaxNetwork
from fathometer.network.adapters._onnx import OnnxNetwork
from fathometer.network.adapters._torch import TorchNetwork
from fathometer.network.adapters._wrap import wrap
from fathometer.network.recording._masks import special_ids
from fathometer.network.recording._memory import bytes_of
from fathometer.network.recording._passage import Reducer
from fathometer.network.recording._recording import Recording
from fathometer.network.recording._sites import Sites
from fathometer.network.recording.frameworks._taps import TapRecorder

MEMORY = "2GiB"


class Recorder(Protocol):
    """Hands what passes a network to a recording, from `start` to `stop`."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End, and leave the network as it was."""
        ...


@contextmanager
def record(
    network: Any,
    sites: str | Iterable[str] = "residual",
    memory: str | int = MEMORY,
    reducers: Sequence[Reducer] | None = None,
    keep: str | Iterable[str] = (),
    keep_special: bool = False,
    special: Collection[int] | None = None,
    causal: bool | None = None,
    iterate: int | None = None,
) -> Iterator[Recording]:
    """Record a network while it is called inside a `with`.

    What passes a block is handed to the reducers text by text, and dropped. The first passes are compared with the
    network's own hidden states. Padding and special tokens are left out.

    Args:
        network: what `wrap` takes, or gives.
        sites: names or patterns: "residual" for all blocks, blocks.3.*, or names of modules such as encoder.layers.*,
            each of which is then a block.
        memory: limit for whole states, such as 2GiB.
        reducers: are handed the passages; by default the one that `report` needs.
        keep: names or patterns of sites whose whole states are kept in `states`: blocks.*.resid_pre, final_norm.post.
        keep_special: whether special tokens are looked at too.
        special: their ids; by default those of the tokenizer or the configuration.
        causal: whether tokens see only those before them, where the network does not say.
        iterate: how often to apply the one block that all layers share, beyond the depth (torch).

    Yields:
        What was seen: `integrity`, `notes`, `states`, `report()`.

    Raises:
        InputError: if no blocks are recognised, the network is in training mode, or memory does not suffice.
    """
    net = wrap(network)
    wanted = _usual(memory) if reducers is None else reducers
    recording = _recording(net, sites, memory, wanted, keep, keep_special, special, iterate)
    options = {"sites": sites, "keep_special": keep_special, "special": special, "causal": causal, "iterate": iterate}
    recording.options |= options
    recorder = recorder_of(net, recording, Sites.read(sites), causal)
    recorder.start()
    try:
        yield recording
    finally:
        recorder.stop()


def recorder_of(network: Any, recording: Recording, sites: Sites, causal: bool | None) -> Recorder:
    """What records a network, by its framework.

    Args:
        network: of an adapter.
        recording: takes in what passes.
        sites: which blocks.
        causal: as in `record`.

    Raises:
        InputError: if a network that is not of torch is to be iterated, or sites name modules of one.
    """
    if isinstance(network, TorchNetwork):
        from fathometer.network.recording.frameworks._torch_recorder import TorchRecorder

        return TorchRecorder(network, recording, sites, causal)
    if recording.iterate is not None:
        raise InputError(f"only networks of torch can be iterated beyond their depth, got {network.framework}")
    if not sites.standard:
        raise InputError(
            f"sites {','.join(sites.patterns)!r} name modules of torch; a network of {network.framework} has none"
        )
    if isinstance(network, OnnxNetwork):
        from fathometer.network.recording.frameworks._onnx_recorder import OnnxRecorder

        return OnnxRecorder(network, recording, causal)
    if isinstance(network, JaxNetwork):
        return TapRecorder(recording, causal)
    raise InputError(f"a network of {network.framework} cannot be recorded")


def _usual(memory: str | int) -> list[Reducer]:
    from fathometer.network.layers import LayersReducer

    return [LayersReducer(memory=bytes_of(memory))]


def _recording(
    network: Any,
    sites: str | Iterable[str],
    memory: str | int,
    reducers: Sequence[Reducer],
    keep: str | Iterable[str],
    keep_special: bool,
    special: Collection[int] | None,
    iterate: int | None,
) -> Recording:
    found, source = special_ids(network) if special is None else (frozenset(special), "caller")
    left_out = frozenset() if keep_special else found
    times = None if iterate is None else whole_number("iterate", iterate, at_least=1)
    recording = Recording(network, Sites.read(sites), Sites.read(keep), memory, reducers, left_out, iterate=times)
    recording.note(_told(left_out, source, keep_special))
    return recording


def _told(left_out: frozenset[int], source: str, keep_special: bool) -> str:
    if keep_special:
        return "padding is left out, special tokens are kept"
    if not left_out:
        return "padding is left out; special tokens are not known, and are kept"
    return f"padding and special tokens are left out: ids {', '.join(map(str, sorted(left_out)))} of the {source}"
