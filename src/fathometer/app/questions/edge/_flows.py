"""What descent is compared with: gradient flow, and the central flow that holds the sharpness at its edge."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.app.questions._question import Answer
from fathometer.app.questions.edge._history import answer_of, pieces
from fathometer.app.questions.edge._network import Run, read_run
from fathometer.evidence import InputError

if TYPE_CHECKING:
    from fathometer.deep_linear import RunHistory
    from fathometer.evidence import Trajectory

MOST_FLOW_WEIGHTS = 20_000
MOST_CENTRAL_WEIGHTS, MOST_CENTRAL_DEPTH, MOST_CENTRAL_STEPS = 100, 12, 2000
_PART = 25  # steps of the central flow between two answers


def flow(file: Path | None = None, **asked: Any) -> Iterator[Answer]:
    """Follow gradient flow at the times step * t of the looks t of descent.

    Yields:
        Pieces of its history; `at` is in steps.

    Raises:
        InputError: if the network is too large.
    """
    from fathometer import deep_linear as dl

    asking = read_run(asked, file)
    _require_at_most(asking, MOST_FLOW_WEIGHTS, "gradient flow")
    times = asking.step * np.array([0, *asking.looks], np.float64)
    run = dl.flow(asking.problem, asking.start, times, convergence=0.0, store=True)
    for piece in pieces(run):
        yield _answered(dl.run_history(piece), asking.step, float(piece.axis.points[-1] / run.axis.points[-1]))


def _answered(history: "RunHistory", step: float, done: float) -> Answer:
    document, arrays = answer_of(history, done)
    return Answer(document, {**arrays, "at": np.rint(history.at / step)})


def central_flow(file: Path | None = None, **asked: Any) -> Iterator[Answer]:
    """Follow the central flow of plain descent, gradient flow until the sharpness reaches 2 / step.

    Yields:
        Pieces of its history at the looks of descent.

    Raises:
        InputError: if there is momentum, the network is too large or the start is beyond the edge.
    """
    from fathometer import deep_linear as dl

    asking = read_run(asked, file)
    _require_central(asking)
    steps = min(asking.steps, MOST_CENTRAL_STEPS)
    weights, looks = asking.start, {0, *asking.looks}
    for done in range(0, steps, _PART):
        run = dl.run_at_edge(dl.EdgeOfStability(asking.problem, weights, asking.step), _PART)
        weights = tuple(matrix[-1] for matrix in run.states.values())
        last = done + _PART >= steps
        if kept := [k for k in range(_PART + last) if done + k in looks and done + k <= steps]:
            history = dl.run_history(_some(run, kept, done))
            yield answer_of(history, min(1.0, (done + _PART) / steps))


def _some(run: "Trajectory", kept: list[int], before: int) -> "Trajectory":
    """Some states of a part of a run at its edge, as a run of its network with the steps that came before."""
    from fathometer import deep_linear as dl

    states = {name: state[kept] for name, state in run.states.items()}
    axis = replace(run.axis, points=run.axis.points[kept] + before)
    network = dl.EdgeOfStability.expect(run.problem).network
    return replace(run, problem=network, axis=axis, states=states, observed={}, twins=())


def _require_central(asking: Run) -> None:
    from fathometer import deep_linear as dl

    if asking.momentum is not None:
        raise InputError("the central flow is that of plain descent: take no momentum")
    _require_at_most(asking, MOST_CENTRAL_WEIGHTS, "the central flow")
    if asking.problem.depth > MOST_CENTRAL_DEPTH:
        raise InputError(f"the central flow is drawn up to depth {MOST_CENTRAL_DEPTH}, got {asking.problem.depth}")
    sharpness = float(dl.reduced_sharpness(asking.problem, asking.start).value)
    if sharpness > asking.limit:
        raise InputError(
            f"the central flow begins below the edge: the sharpness of the start is {sharpness:.4g}, 2 / step is "
            f"{asking.limit:.4g}; take a smaller step or another scale"
        )


def _require_at_most(asking: Run, most: int, what: str) -> None:
    weights = sum(matrix.size for matrix in asking.start)
    if weights > most:
        raise InputError(
            f"{what} is drawn up to {most} weights, this network has {weights}: take a smaller width or depth"
        )
