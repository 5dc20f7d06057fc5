"""Where the blocks of an ONNX graph are: the sums that carry the residual stream around attention."""

from dataclasses import dataclass
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.recording.frameworks._onnx_graph import Graph


@dataclass(frozen=True)
class GraphBlock:
    """Names of values of a graph, for one block.

    Attributes:
        before: residual stream that enters.
        after: residual stream that leaves.
        attention_out: what the attention adds.
        mlp_out: what the rest adds, or None.
        pattern: weights of the attention.
    """

    before: str
    after: str
    attention_out: str
    mlp_out: str | None
    pattern: str


@dataclass(frozen=True)
class _Sum:
    """A residual sum: the stream, what is added to it, the total, and the softmax that it comes from if any."""

    stream: str
    added: str
    total: str
    pattern: str | None


@dataclass(frozen=True)
class Anatomy:
    """The blocks of a graph.

    Attributes:
        blocks: in order.
        norm: what the norm after the last block gives; None if there is none or it is not recognised.
        normed: whether blocks themselves end in norms.
    """

    blocks: list[GraphBlock]
    norm: str | None
    normed: bool


def anatomy_of(model: Any) -> Anatomy:
    """The blocks of a graph, by the softmax of their attention and the sums after it.

    Args:
        model: as read by the onnx package.

    Raises:
        InputError: if there are no blocks.
    """
    graph = Graph(model)
    groups = _grouped(_sums(graph))
    if not groups:
        raise InputError("no blocks of attention with residual sums were recognised in the ONNX graph")
    last = groups[-1][-1].total
    normed = _is_normed(graph, groups[0][0].total)
    end = (graph.norm_of(last) if normed else None) or graph.aliases(last)[-1]
    ends = [*(group[0].stream for group in groups[1:]), end]
    blocks = [_block(graph, group, after) for group, after in zip(groups, ends, strict=True)]
    return Anatomy(blocks, None if normed else graph.norm_of(last), normed)


def _sums(graph: Graph) -> list[_Sum]:
    """The residual sums, one after another."""
    found: list[_Sum] = []
    for node in graph.nodes:
        if node.op_type == "Add" and all(graph.moving(name) for name in node.input):
            stream = _stream(graph, node, found)
            if stream is not None:
                added = next(name for name in node.input if name != stream)
                found.append(_Sum(stream, added, node.output[0], _softmax(graph, added, stream)))
    return found


def _stream(graph: Graph, node: Any, found: list[_Sum]) -> str | None:
    """Which input of a sum is the residual stream: attention is computed from it, or it ends the sum before."""
    if found:
        last, norm = found[-1].total, graph.norm_of(found[-1].total)
        carried = {*graph.aliases(last), *(graph.aliases(norm) if norm else ())}
        return next((name for name in node.input if name in carried), None)
    for name, other in (node.input, reversed(node.input)):
        makers = list(graph.reached(other, {name}))
        same = set(graph.aliases(graph.maker[name].input[0])) if _is_same(graph, name) else {name}
        if any(made.op_type == "Softmax" for made in makers) and any(same & set(made.input) for made in makers):
            return name
    return None


def _is_same(graph: Graph, name: str) -> bool:
    return name in graph.maker and graph.maker[name].op_type in ("Cast", "Identity")


def _softmax(graph: Graph, added: str, stream: str) -> str | None:
    makers = graph.reached(added, set(graph.aliases(stream)))
    return next((made.output[0] for made in makers if made.op_type == "Softmax"), None)


def _grouped(sums: list[_Sum]) -> list[list[_Sum]]:
    """Sums by block: that of the attention, and that of the rest unless both are added at once."""
    groups: list[list[_Sum]] = []
    for each in sums:
        if each.pattern is not None:
            groups.append([each])
        elif groups and len(groups[-1]) == 1:
            groups[-1].append(each)
    return groups


def _block(graph: Graph, group: list[_Sum], after: str) -> GraphBlock:
    first = group[0]
    attention, rest = first.added, group[1].added if len(group) > 1 else None
    if rest is None:
        attention, rest = _parted(graph, first)
    return GraphBlock(first.stream, after, attention, rest, first.pattern or "")


def _parted(graph: Graph, total: _Sum) -> tuple[str, str | None]:
    """What the attention and the rest add, where both are added at once."""
    maker = graph.maker.get(total.added)
    if maker is None or maker.op_type != "Add" or not all(graph.moving(name) for name in maker.input):
        return total.added, None
    one, other = maker.input
    return (one, other) if _softmax(graph, one, total.stream) else (other, one)


def _is_normed(graph: Graph, total: str) -> bool:
    """Whether the stream continues behind a norm: no sum takes it as it is."""
    return graph.norm_of(total) is not None and not graph.taking(total, "Add")
