"""Random sequences with the number of their strong centres, and runs of causal tokens whose centres are watched."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import SCIPY, assemble
from fathometer.attention.dynamics.variants._simulate import simulate_variant
from fathometer.attention.model.variants._strong_centres import CausalCentres, UniformSequence, strong_centres
from fathometer.evidence import Axis, AxisKind, Trajectory, whole_number


def draw_centres(problem: UniformSequence, draws: int, seed: int) -> Trajectory:
    """Draw sequences; the state "centres" is the number of strong centres of each.

    Args:
        problem: length, dimension and angle.
        draws: how many, at least 1.
        seed: of the generator, >= 0.

    Raises:
        InputError: if there is not at least one draw.
    """
    count = whole_number("draws", draws, at_least=1)
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    clouds = generator.standard_normal((count, problem.n, problem.d))
    clouds /= np.linalg.norm(clouds, axis=-1, keepdims=True)
    centres = np.array([len(strong_centres(cloud, problem.angle)) for cloud in clouds], np.float64)
    axis = Axis(AxisKind.DRAW, np.arange(count, dtype=float))
    return assemble(problem, axis, {"centres": centres}, SCIPY, seed=seed)


def simulate_centres(problem: CausalCentres, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Run the causal tokens as `simulate_variant` does, as a run of the problem of their centres.

    Args:
        problem: the tokens, and the scale of their centres.
        times: shape (length,), strictly increasing from 0.
        tolerance: as for `simulate_variant`.
    """
    return replace(simulate_variant(problem.variant, times, tolerance), problem=problem)
