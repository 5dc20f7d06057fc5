"""An ONNX graph with more outputs, whose values are handed on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.network.adapters._onnx import OnnxNetwork, session_of
from fathometer.network.adapters._optional import needed
from fathometer.network.recording._integrity import TOLERANCE, apart
from fathometer.network.recording._recording import Recording
from fathometer.network.recording._sites import ATTENTION, MLP, NORM_POST, POST, site
from fathometer.network.recording.frameworks._onnx_anatomy import GraphBlock, anatomy_of


class OnnxRecorder:
    """Outputs added to the graph, from `start` to `stop`.

    All states of a pass are there at once: memory grows with the number of blocks, not with that of texts.

    Args:
        network: whose graph is extended.
        recording: takes in what passes.
        causal: whether tokens see only those before them; None for what the pattern says.
    """

    def __init__(self, network: OnnxNetwork, recording: Recording, causal: bool | None = None) -> None:
        self._network, self._recording, self._causal = network, recording, causal
        self._anatomy = anatomy_of(network.graph)
        self._blocks, self._norm = self._anatomy.blocks, self._anatomy.norm
        named = {name for block in self._blocks for name in self._wanted(block)}
        self._added = sorted(named if self._norm is None else named | {self._norm})
        self._session = session_of(with_outputs(network.graph, self._added), network.path)

    def start(self) -> None:
        """Send what the network is called with through the extended graph."""
        self._network.runner = self.run
        self._recording.note("the network gives no hidden states of its own; its outputs are compared instead")

    def stop(self) -> None:
        """Let the network run by itself again."""
        self._network.runner = None

    def run(self, names: list[str], rows: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the extended graph, and return the outputs of the network.

        Args:
            names: of the network's outputs.
            rows: its inputs by name.
        """
        values = self._session.run([*names, *self._added], rows)
        given, seen = values[: len(names)], dict(zip(self._added, values[len(names) :], strict=True))
        ids = next((held for held in rows.values() if held.ndim == 2 and held.dtype.kind in "iu"), None)
        self._recording.open(rows.get("input_ids", ids), rows.get("attention_mask"))
        for number, block in enumerate(self._blocks):
            self._hand_on(number, block, seen)
        if self._norm is not None:
            self._recording.place(NORM_POST, seen[self._norm])
        if self._recording.checking:
            self._compare(names, given, rows, seen)
        self._recording.close()
        return given

    def _wanted(self, block: GraphBlock) -> list[str]:
        wanted = self._causal is None or "pattern" in self._recording.asks
        further = [block.pattern] if wanted else []
        further += [block.mlp_out] if block.mlp_out is not None else []
        return [block.before, block.after, block.attention_out, *further]

    def _hand_on(self, number: int, block: GraphBlock, seen: dict[str, NDArray[Any]]) -> None:
        stream = _single(seen[block.before])
        named = {ATTENTION: block.attention_out, MLP: block.mlp_out}
        parts = {part: _single(seen[name]).reshape(stream.shape) for part, name in named.items() if name is not None}
        pattern = seen.get(block.pattern)
        if pattern is not None and pattern.ndim == 4:
            parts["pattern"] = _single(pattern)
        self._recording.passage(number, stream, _single(seen[block.after]), self._is_causal(pattern), parts)

    def _is_causal(self, pattern: NDArray[Any] | None) -> bool:
        if self._causal is not None or pattern is None:
            return bool(self._causal)
        if pattern.ndim == 4:
            return not self._recording.looks_ahead(pattern)
        return not np.triu(pattern, 1).any()

    def _compare(
        self, names: list[str], given: list[NDArray[Any]], rows: dict[str, NDArray[Any]], seen: dict[str, NDArray[Any]]
    ) -> None:
        """Outputs of the extended graph with those of the graph as it was; the last state, where it is an output."""
        before = self._network.run_alone(names, rows)
        gaps = {f"output {name}": apart(one, two) for name, one, two in zip(names, given, before, strict=True)}
        last = [seen[name] for name in (self._blocks[-1].after, self._norm) if name is not None]
        hidden = [value for name, value in zip(names, before, strict=True) if "hidden" in name and value.ndim == 3]
        gap = min((apart(each, hidden[0]) for each in last), default=0.0) if hidden else 0.0
        if self._anatomy.normed or self._norm is not None:
            gaps[site(len(self._blocks) - 1, POST)] = gap
        elif gap > TOLERANCE:
            self._recording.note("the last hidden state of the graph is behind a norm that is not recognised")
        self._recording.compare(gaps)


def with_outputs(model: Any, names: list[str]) -> Any:
    """A copy of a graph that gives further values.

    Args:
        model: as read by the onnx package.
        names: of the values.
    """
    onnx = needed("onnx")
    extended = onnx.ModelProto()
    extended.CopyFrom(model)
    there = {output.name for output in extended.graph.output}
    for name in names:
        if name not in there:
            extended.graph.output.append(onnx.ValueInfoProto(name=name))
    return extended


def _single(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.float32) if values.dtype == np.float16 else values
