"""Draws of random initial tokens."""

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._random_problems import CapTokens, GaussianMixture, TemperedTokens, UniformTokens
from fathometer.attention.model.caps._geometry import cap_deficits, nearest_centres
from fathometer.attention.predictions._random_clouds import mixture_density
from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    whole_number,
)
from fathometer.numerics import hemisphere_axis


def draw_hemispheres(problem: UniformTokens, draws: int, seed: int) -> Trajectory:
    """Draw clouds; the states "margin" and "upper" enclose the hemisphere margin of each.

    Args:
        problem: n and d.
        draws: how many, at least 1.
        seed: of the generator, >= 0.

    Raises:
        InputError: if there is not at least one draw.
    """
    clouds = _uniform_clouds(draws, problem.n, problem.d, seed)
    margins = [hemisphere_axis(cloud)[1] for cloud in clouds]
    ends = {"margin": np.array([m.lower for m in margins]), "upper": np.array([m.upper for m in margins])}
    return _drawn(problem, ends, seed)


def draw_mixture(problem: GaussianMixture, draws: int, seed: int) -> Trajectory:
    """Draw clouds; the state "room" is eps less the depth of the cap that the worst token of each cloud needs.

    Args:
        problem: the mixture, and how many tokens a cloud has.
        draws: how many, at least 1.
        seed: of the generator, >= 0.

    Raises:
        InputError: if there is not at least one draw.
    """
    r, d = problem.centres.shape
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    count = whole_number("draws", draws, at_least=1) * problem.n
    means = math.sqrt(r) * problem.centres[generator.integers(r, size=count)]
    tokens = means + problem.sigma * generator.standard_normal((count, d))
    tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
    needed = cap_deficits(tokens, problem.centres[nearest_centres(tokens, problem.centres)])
    return _drawn(problem, {"room": problem.epsilon - needed.reshape(-1, problem.n).max(axis=1)}, seed)


def draw_energies(problem: TemperedTokens, draws: int, seed: int) -> Trajectory:
    """Draw clouds; the state "energy" is the unit energy of each.

    Args:
        problem: n, d and beta.
        draws: how many, at least 1.
        seed: of the generator, >= 0.

    Raises:
        InputError: if there is not at least one draw.
    """
    clouds = _uniform_clouds(draws, problem.n, problem.d, seed)
    cosines = np.einsum("rid,rjd->rij", clouds, clouds)
    energies = np.mean(np.exp(problem.beta * (np.minimum(cosines, 1.0) - 1)), axis=(1, 2))
    return _drawn(problem, {"energy": energies}, seed)


def draw_frames(problem: UniformTokens, draws: int, seed: int) -> Trajectory:
    """Draw clouds of n <= d tokens; the state "distance" is the largest from a token to the nearest frame.

    The nearest orthonormal frame is the polar factor of the tokens.

    Args:
        problem: n and d >= n.
        draws: how many, at least 1.
        seed: of the generator, >= 0.

    Raises:
        InputError: if n is above d, or there is not at least one draw.
    """
    if problem.n > problem.d:
        raise InputError(f"a frame of n = {problem.n} tokens needs d >= n, got d = {problem.d}")
    clouds = _uniform_clouds(draws, problem.n, problem.d, seed)
    left, _, right = np.linalg.svd(clouds, full_matrices=False)
    distances = np.linalg.norm(clouds - left @ right, axis=-1)
    return _drawn(problem, {"distance": distances.max(axis=1)}, seed)


def draw_in_caps(problem: CapTokens, draws: int, seed: int) -> Trajectory:
    """Draw clouds; the state "inside" is 1 for those with all tokens in the caps.

    Args:
        problem: n, and the caps.
        draws: how many, at least 1.
        seed: of the generator, >= 0.

    Raises:
        InputError: if there is not at least one draw.
    """
    clouds = _uniform_clouds(draws, problem.n, 2, seed)
    spacing = 2 * math.pi / problem.k
    offsets = np.mod(np.arctan2(clouds[..., 1], clouds[..., 0]) + spacing / 2, spacing) - spacing / 2
    inside = np.all(np.abs(offsets) <= math.acos(1 - problem.epsilon), axis=1)
    return _drawn(problem, {"inside": inside.astype(float)}, seed)


def draw_density(problem: GaussianMixture, draws: int, seed: int, normalizer: int | None = None) -> Trajectory:
    """Draw points of a mixture 1.2 times as wide; the state "weights" is `mixture_density` over its density.

    Args:
        problem: the mixture.
        draws: points to draw, at least 1.
        seed: of the generator, >= 0.
        normalizer: as for `mixture_density`.

    Raises:
        InputError: if there is not at least one draw.
    """
    count, (r, d) = whole_number("draws", draws, at_least=1), problem.centres.shape
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    wide = replace(problem, sigma=1.2 * problem.sigma)
    means = math.sqrt(r) * problem.centres[generator.integers(r, size=count)]
    points = means + wide.sigma * generator.standard_normal((count, d))
    weights = mixture_density(points, problem, normalizer) / mixture_density(points, wide)
    return _drawn(problem, {"weights": weights}, seed)


def _drawn(problem: Problem, states: dict[str, Float[np.ndarray, " draws"]], seed: int) -> Trajectory:
    draws = len(next(iter(states.values())))
    axis = Axis(AxisKind.DRAW, np.arange(draws, dtype=float))
    return Trajectory(problem, axis, states, Origin.SIMULATED, provenance=Provenance.here(seed))


def _uniform_clouds(draws: int, n: int, d: int, seed: int) -> Float[np.ndarray, "draws n d"]:
    shape = whole_number("draws", draws, at_least=1), n, d
    clouds = np.random.default_rng(whole_number("seed", seed, at_least=0)).standard_normal(shape)
    return clouds / np.linalg.norm(clouds, axis=-1, keepdims=True)
