"""A graph of ONNX as nodes that make and take values, and the layer norms in it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

NORMS = ("LayerNormalization", "SkipLayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization")
STILL = ("Constant", "Shape", "ConstantOfShape", "Range")
SAME = ("Cast", "Reshape", "Identity", "Dropout")
"""Nodes that give the numbers that they take."""


class Graph:
    """A graph with who makes and who takes each value.

    Args:
        model: as read by the onnx package.
    """

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

    def aliases(self, name: str) -> list[str]:
        """A value and those that hold the same numbers, in order."""
        found = [name]
        for each in found:
            found += [node.output[0] for node in self.takers[each] if node.op_type in SAME and node.input[0] == each]
        return found

    def taking(self, name: str, kind: str) -> list[Any]:
        """Nodes of a kind that take a value or one with the same numbers."""
        return [node for each in self.aliases(name) for node in self.takers[each] if node.op_type == kind]

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
        for kind in NORMS:
            for node in self.taking(name, kind):
                return node.output[0]
        centred = self.taking(name, "Sub")
        if centred and self.taking(name, "ReduceMean"):
            return self._followed(centred[0].output[0], ("Div", "Mul", "Add"))
        scaled = self.taking(name, "Mul")
        return self._followed(scaled[0].output[0], ("Mul",)) if scaled and self.taking(name, "Pow") else None

    def _followed(self, name: str, kinds: tuple[str, ...]) -> str:
        """Where a value ends that nodes of these kinds take one after another, as far as they do."""
        for kind in kinds:
            nodes = self.taking(name, kind)
            name = nodes[0].output[0] if nodes else name
        return name
