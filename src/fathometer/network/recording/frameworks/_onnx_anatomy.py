"""Where the blocks of an ONNX graph are: the sums that carry the residual stream around attention."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fathometer.evidence import InputError

NORMS = ("LayerNormalization", "SkipLayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization")
STILL = ("Constant", "Shape", "ConstantOfShape", "Range")


@dataclass(frozen=True)
class GraphBlock:
    """Names of values of a graph, for one block.

    Attributes:
        before: residual stream that enters.
        after: residual stream that leaves.
        attention_out: what the attention adds.
        mlp_out: what the rest adds.
        pattern: weights of the attention.
    """

    before: str
    after: str
    attention_out: str
    mlp_out: str
    pattern: str


class Graph:
    """A graph with who makes and who takes each value."""

    def __init__(self, model: Any) -> None:
        self.nodes = list(model.graph.node)
        self.fixed = {held.name for held in model.graph.initializer}
        self.maker = {name: node for node in self.nodes for name in node.output}
        self.takers: dict[str, list[Any]] = defaultdict(list)
        for node in self.nodes:
            for name in node.input:
                self.takers[name].append(node)

    def moving(self, name: str) -> bool:
        """Whether a value depends on the inputs and is no constant."""
        maker = self.maker.get(name)
        while maker is not None and maker.op_type == "Identity":
            name, maker = maker.input[0], self.maker.get(maker.input[0])
        return name not in self.fixed and (maker is None or maker.op_type not in STILL)

    def reached(self, name: str, stops: set[str]) -> Iterator[Any]:
        """Nodes that a value comes from, backwards up to values where to stop.

        Yields:
            Each node once.
        """
        waiting, seen = [name], set(stops)
        while waiting:
            current = waiting.pop()
            if current in seen or current not in self.maker:
                continue
            seen.add(current)
            node = self.maker[current]
            yield node
            waiting.extend(node.input)

    def norm_of(self, name: str) -> str | None:
        """The output of the layer norm that takes a value, written as one node or as its parts; None without one."""
        for node in self.takers[name]:
            if node.op_type in NORMS:
                return node.output[0]
        centred = [node for node in self.takers[name] if node.op_type == "Sub"]
        if not centred or not any(node.op_type == "ReduceMean" for node in self.takers[name]):
            return None
        return self._scaled(centred[0].output[0])

    def _scaled(self, name: str) -> str | None:
        """From the centred value of a layer norm to its output: divided, scaled and shifted by constants."""
        found = None
        for kind in ("Div", "Mul", "Add"):
            node = next((node for node in self.takers[found or name] if node.op_type == kind), None)
            if node is None:
                return found
            found = node.output[0]
        return found


def blocks_of_graph(model: Any) -> tuple[list[GraphBlock], str | None]:
    """The blocks of a graph, by the softmax of their attention and the sums after it, and what the final norm gives.

    Args:
        model: as read by the onnx package.

    Raises:
        InputError: if there are none.
    """
    graph = Graph(model)
    sums = _sums(graph)
    pairs = [(one, other) for one, other in pairwise(sums) if one.pattern and not other.pattern]
    if not pairs:
        raise InputError("no blocks of attention with residual sums were recognised in the ONNX graph")
    normed = all(_normed(graph, each.total) for pair in pairs[:1] for each in pair)
    blocks = [
        GraphBlock(one.stream, _state(graph, two.total, normed), one.added, two.added, one.pattern)
        for one, two in pairs
    ]
    return blocks, None if normed else graph.norm_of(pairs[-1][1].total)


@dataclass(frozen=True)
class _Sum:
    """A residual sum: the stream, what is added to it, the total, and the softmax that it comes from if any."""

    stream: str
    added: str
    total: str
    pattern: str


def _sums(graph: Graph) -> list[_Sum]:
    found: list[_Sum] = []
    begun = False
    for node in graph.nodes:
        if node.op_type != "Add" or not all(graph.moving(name) for name in node.input):
            continue
        stream = _stream(graph, node, found, begun)
        if stream is None:
            continue
        begun = True
        added = next(name for name in node.input if name != stream)
        softmax = [made for made in graph.reached(added, {stream}) if made.op_type == "Softmax"]
        found.append(_Sum(stream, added, node.output[0], softmax[0].output[0] if softmax else ""))
    return found


def _stream(graph: Graph, node: Any, found: list[_Sum], begun: bool) -> str | None:
    """Which input of a sum is the residual stream: the other one is computed from it."""
    if found:
        last = found[-1].total
        carried = {last, graph.norm_of(last)}
        return next((name for name in node.input if name in carried), None)
    for name, other in (node.input, reversed(node.input)):
        kinds = {made.op_type for made in graph.reached(other, {name})}
        if "Softmax" in kinds and any(name in made.input for made in graph.reached(other, {name})):
            return name
    return None


def _normed(graph: Graph, total: str) -> bool:
    """Whether the stream continues behind a norm: nothing else takes the sum."""
    return graph.norm_of(total) is not None and not any(node.op_type == "Add" for node in graph.takers[total])


def _state(graph: Graph, total: str, normed: bool) -> str:
    return (graph.norm_of(total) or total) if normed else total
