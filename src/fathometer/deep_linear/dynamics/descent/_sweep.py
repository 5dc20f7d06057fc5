"""Many runs of descent over scales of the initial weights, step sizes and repetitions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.model._curvature import MINIMIZER_TOLERANCE, reduced_spectrum, sharpness_at_minimizer
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._network import Weights, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, Record, finite_array, whole_number
from fathometer.numerics import in_float64
from fathometer.study import Arrays, Cell, run_cells

_RUNS = 64  # at a time: then the weights of a small network stay in the cache


@dataclass(frozen=True, eq=False)
class Sweep(Record):
    """What to run.

    Attributes:
        problem: the network.
        kind: of the initial weights.
        scales: of the initial weights, shape (scales,).
        steps: step sizes, positive, shape (steps,).
        iterations: number of steps of each run, one for each step size.
        repetitions: runs for each scale and step size, at least 1.
        width: of all hidden layers.
        seed: of the initial weights, at least 0.

    Raises:
        InputError: if a number is out of range, or there are not as many numbers of iterations as step sizes.
    """

    problem: DeepLinear
    kind: InitialKind
    scales: NDArray[np.float64]
    steps: NDArray[np.float64]
    iterations: tuple[int, ...]
    repetitions: int
    width: int
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("scales", "steps"):
            object.__setattr__(self, name, finite_array(name, getattr(self, name), ndim=1))
        if not self.scales.size or len(self.iterations) != self.steps.size:
            raise InputError(f"iterations must be one number for each of the {self.steps.size} steps")
        object.__setattr__(self, "repetitions", whole_number("repetitions", self.repetitions, at_least=1))

    @cached_property
    def blocks(self) -> list[range]:
        """The repetitions, in blocks that are run together."""
        size = max(1, _RUNS // self.scales.size)
        return [range(first, min(first + size, self.repetitions)) for first in range(0, self.repetitions, size)]

    def start(self, step: int, block: range) -> Weights:
        """Initial weights of the runs of a block, all scales after each other."""
        draws = [
            Initial(self.kind, float(scale)).draw(
                self.problem, self.width, len(block), [self.seed, step, number, block.start]
            )
            for number, scale in enumerate(self.scales)
        ]
        return tuple(np.concatenate(layers) for layers in zip(*draws, strict=True))


class SweepResult(NamedTuple):
    """What came of a sweep; arrays of shape (steps, scales, repetitions).

    Attributes:
        diverged_at: step of the divergence; inf without one.
        excess_risk: at the end; inf where the run diverged.
        initial_excess_risk: at the start.
        product: w at the end, with an axis d behind; NaN where the run diverged.
        initial_distance: |w - w_star| at the start.
        sharpness: exact top Hessian eigenvalue at the end; NaN where the run diverged or if it was not asked for.
        initial_sharpness: at the start, for the runs of the first step size, shape (scales, repetitions).
        at_minimizer: whether the run ended at a global minimizer, up to 1e-8 of what w_star explains.
    """

    diverged_at: NDArray[np.float64]
    excess_risk: NDArray[np.float64]
    initial_excess_risk: NDArray[np.float64]
    product: NDArray[np.float64]
    initial_distance: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    initial_sharpness: NDArray[np.float64]
    at_minimizer: NDArray[np.bool_]

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """Which runs diverged."""
        return np.isfinite(self.diverged_at)

    def squared_distance(self, w_star: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the coordinates of (w - w_star)^2 at the end, which the paper plots; NaN where it diverged."""
        return np.mean((self.product - w_star) ** 2, axis=-1)


def run_sweep(
    sweep: Sweep,
    *,
    sharpness: bool = True,
    folder: Path | None = None,
    announce: Callable[[str], None] | None = None,
) -> SweepResult:
    """Run a sweep on all processors.

    Args:
        sweep: what to run.
        sharpness: whether to compute it at both ends.
        folder: where finished parts are kept and found again; None keeps nothing.
        announce: is told how far it is.

    Raises:
        InputError: if a value of the sweep is out of range.
    """
    base = sweep.to_json() | {"repetitions": None, "scales": sweep.scales.tolist(), "sharpness": sharpness}
    cells = [
        base | {"number": number, "steps": step, "iterations": iterations, "block": [block.start, block.stop]}
        for number, (step, iterations) in enumerate(zip(sweep.steps.tolist(), sweep.iterations, strict=True))
        for block in sweep.blocks
    ]
    finished = run_cells(cells, in_float64(lambda cell: _compute(sweep, cell)), folder, announce)
    count = len(sweep.blocks)
    joined = [_joined(finished[k * count : (k + 1) * count]) for k in range(sweep.steps.size)]
    arrays = {name: np.stack([part[name] for part in joined]) for name in joined[0] if name != "initial_sharpness"}
    at_minimizer = arrays.pop("at_minimizer") > 0
    return SweepResult(**arrays, initial_sharpness=joined[0]["initial_sharpness"], at_minimizer=at_minimizer)


def _joined(blocks: Sequence[Arrays]) -> Arrays:
    """Put the repetitions of all blocks behind each other."""
    return {name: np.concatenate([block[name] for block in blocks], axis=1) for name in blocks[0]}


def _compute(sweep: Sweep, cell: Cell) -> Arrays:
    block = range(*cell["block"])
    start = sweep.start(cell["number"], block)
    steps, iterations = np.full(len(start[0]), cell["steps"]), cell["iterations"]
    run = descend_batch(sweep.problem, start, steps, Training(iterations), Recording(iterations))
    w = np.where(np.isinf(run.diverged_at)[:, None], product(run.weights, sweep.problem.output), np.nan)
    at_minimizer = run.excess_risk[-1] <= MINIMIZER_TOLERANCE * sweep.problem.regression.explained
    nothing = np.full(len(at_minimizer), np.nan)
    wanted = cell["sharpness"]
    ends = _final_sharpness(sweep.problem, run.weights, at_minimizer, run.diverged_at) if wanted else nothing
    starts = _sharpness(sweep.problem, start, range(len(nothing))) if wanted and cell["number"] == 0 else nothing
    arrays = {
        "diverged_at": run.diverged_at,
        "excess_risk": run.excess_risk[-1],
        "initial_excess_risk": run.excess_risk[0],
        "product": w,
        "initial_distance": run.distance[0],
        "sharpness": ends,
        "initial_sharpness": starts,
        "at_minimizer": at_minimizer.astype(np.float64),
    }
    shape = (sweep.scales.size, len(block))
    return {name: array.reshape(*shape, *array.shape[1:]) for name, array in arrays.items()}


def _final_sharpness(
    problem: DeepLinear, weights: Weights, at_minimizer: NDArray[np.bool_], diverged_at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """From the d x d matrix at minimizers, from the reduced matrix elsewhere."""
    values = _sharpness(problem, weights, np.flatnonzero(~at_minimizer & np.isinf(diverged_at)))
    if np.any(at_minimizer):
        values[at_minimizer] = sharpness_at_minimizer(problem, [matrix[at_minimizer] for matrix in weights]).value
    return values


def _sharpness(problem: DeepLinear, weights: Weights, runs: Sequence[int] | NDArray[np.int_]) -> NDArray[np.float64]:
    """Exact sharpness of some runs, NaN for the others."""
    values = np.full(len(weights[0]), np.nan)
    for i in runs:
        values[i] = reduced_spectrum(problem, [matrix[i] for matrix in weights])[-1]
    return values
