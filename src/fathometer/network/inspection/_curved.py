"""The curvature of a loss and the step that it allows, measured for the report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError
from fathometer.network._network import Block
from fathometer.network._objective import Objective
from fathometer.network.curvature._block_objective import BlockObjective
from fathometer.network.curvature._curvature import Curvature
from fathometer.network.curvature._objective_of import objective
from fathometer.network.inspection._asked import Announce, Asked
from fathometer.network.steps import CriticalStep, critical_step_along, direction_of
from fathometer.numerics import ExtremeEigenvalues

ROWS = 2000
"""Rows on which the loss is looked at, at most."""
BUDGET = 400
"""Products for the whole loss, at most."""
POINTS = 13
"""Of the loss along the gradient that are drawn."""
PARTS = 12
"""Parts of a network that are looked at one by one, at most."""
PART_BUDGET = 12
"""Products for each of them."""


@dataclass(frozen=True, eq=False)
class Curved:
    """How a loss curves where a network is.

    Attributes:
        rows: of the data that it was measured on.
        trained: whether they are rows that the network was trained on.
        parameters: how many.
        loss: its value.
        ends: smallest and largest eigenvalue of the Hessian.
        parts: largest eigenvalue of the diagonal block of each part.
        along: the critical step along the gradient.
        bend: g'Hg for the gradient g.
        slope: g'g.
        line: steps along the gradient and the loss after them less the loss here, shape (points, 2).
    """

    rows: int
    trained: bool
    parameters: int
    loss: float
    ends: ExtremeEigenvalues
    parts: dict[str, Estimate]
    along: CriticalStep
    bend: float
    slope: float
    line: NDArray[np.float64]


def curved(asked: Asked, rows: int, rtol: float, miss: float, announce: Announce) -> Curved:
    """Measure it.

    Args:
        asked: the network and what it is inspected on.
        rows: of the data, at most.
        rtol: width of the intervals of the eigenvalues, relative to the largest.
        miss: probability that an outer end is wrong.
        announce: is told what is computed next.

    Raises:
        InputError: if there is no loss, there are no rows, or the network gives no derivatives.
    """
    of = objective(asked.net, _loss(asked), asked.rows(rows))
    announce(f"curvature of {of.size} parameters on {of.rows} rows")
    ends = Curvature(of).extremes(rtol, miss, products=BUDGET, seed=asked.seed)
    announce("the critical step along the gradient")
    along = critical_step_along(of, direction_of("gradient", asked.net, of))
    gradient = of.gradient()
    bend, slope = (float(np.dot(gradient, other)) for other in (of.product(gradient), gradient))
    line = _line(of, gradient, float(along.step.value))
    announce("curvature of each part")
    parts = {part.name: _largest(of, part, miss, asked.seed) for part in parts_of(of.blocks)}
    trained = asked.saw is not None and len(asked.saw) > 0
    return Curved(of.rows, trained, of.size, along.loss, ends, parts, along, bend, slope, line)


def _line(of: Objective, gradient: NDArray[np.floating], critical: float) -> NDArray[np.float64]:
    """The loss on the way to the critical step and as far beyond; empty where it is not known."""
    if not np.isfinite(critical):
        return np.empty((0, 2))
    steps = np.linspace(0, 1.6 * critical, POINTS)
    here = of.loss()
    after = [of.loss(np.asarray(-step * gradient, of.dtype)) - here for step in steps[1:]]
    return np.stack([steps, [0.0, *after]], axis=1)


def parts_of(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Neighbouring arrays of one layer as one part, at most `PARTS` of them; none where that is all of them.

    Args:
        blocks: in the order of the vector.
    """
    for depth in range(max(block.name.count(".") for block in blocks) + 1, 0, -1):
        groups = [list(group) for _, group in groupby(blocks, lambda block, k=depth: _prefix(block.name, k))]
        if len(groups) <= PARTS:
            return tuple(_joined(group, depth) for group in groups) if len(groups) > 1 else ()
    return ()


def _prefix(name: str, depth: int) -> str:
    return ".".join(name.split(".")[:depth])


def _joined(group: Sequence[Block], depth: int) -> Block:
    return Block(_prefix(group[0].name, depth), (sum(block.size for block in group),), group[0].start)


def _largest(of: Objective, part: Block, miss: float, seed: int) -> Estimate:
    alone = cast(Objective, BlockObjective(of, part))
    largest = Curvature(alone).extremes(1e-2, miss, products=PART_BUDGET, seed=seed).largest
    return Estimate.sampled(largest.value, largest.lower, largest.upper, 1 - miss)


def _loss(asked: Asked) -> Callable[..., Any]:
    if asked.net.framework == "onnx":
        raise InputError("a graph of ONNX gives no derivatives: bring the network in torch or JAX")
    if asked.loss is None:
        raise InputError("no loss was given: bring the network as module:factory that returns (model, loss)")
    if asked.y is None:
        raise InputError("no rows were given: --data F.npz with X and y")
    return asked.loss
