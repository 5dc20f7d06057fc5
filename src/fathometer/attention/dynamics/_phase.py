"""The (time, beta) phase diagram: when do random tokens meet, and when does the closed form say so."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from fathometer.attention.dynamics._batch import Tokens, chunks, cosines_of, follow_chunk, in_span, side_by_side, unit
from fathometer.attention.model._system import Model, read_beta, read_model
from fathometer.attention.predictions._closed_forms import equiangular_log_time
from fathometer.evidence import Estimate, InputError, Record, finite_array, finite_number, whole_number
from fathometer.numerics._confidence_intervals import bounded_mean

CONFIDENCE = 0.99
MOST_NUMBERS = 10**9
"""Coordinates or cosines of all systems, and points of the diagram: 8 GB."""

TOLERANCE = 1e-4
"""Local error of a coordinate. Against 1e-9, the fraction at n = 32, d = 8, beta = 1, 4, 9 changes by at most 4e-5."""

_SINGLE = {"betas": 100.0, "times": 1000.0, "gap": 1e-4}
"""Largest beta and time, and least gap 1 - cosine, up to which the roundings of float32 are small beside TOLERANCE."""


class Score(StrEnum):
    """The matrix B = Q^T K of the scores beta <x_i, B x_j>, drawn anew for every system; V = 1.

    IDENTITY: B = 1. GAUSSIAN: independent entries of variance 1/d. WIGNER: symmetric, entries of variance 1/d off the
    diagonal and 2/d on it.
    """

    IDENTITY = "identity"
    GAUSSIAN = "gaussian"
    WIGNER = "wigner"


@dataclass(frozen=True, eq=False)
class PhaseDiagram(Record):
    """How many pairs of tokens have met, over time and inverse temperature.

    Attributes:
        betas: inverse temperatures, shape (betas,).
        times: shape (times,).
        fraction: mean over systems of the fraction of pairs i != j above the cosine, shape (betas, times), with the
            interval of each entry.
        log_curve: natural logarithm of the time at which orthogonal tokens, the limit of high dimension, reach the
            cosine; shape (betas,).
    """

    betas: NDArray[np.float64]
    times: NDArray[np.float64]
    fraction: Estimate
    log_curve: Estimate


def phase_diagram(
    n: int,
    dim: int,
    betas: ArrayLike,
    times: ArrayLike,
    model: Model | str = Model.SA,
    *,
    systems: int = 64,
    seed: int = 0,
    cosine: float = 0.999,
    raw_time: bool = False,
    score: Score | str = Score.IDENTITY,
) -> PhaseDiagram:
    """Follow independent systems of uniform tokens and count the pairs that have met.

    Every chunk of systems is one adaptive Runge-Kutta solve (Tsit5) with one step size and interpolated states, in
    float32 where beta <= 100, the last time is at most 1000 and 1 - cosine is at least 1e-4, and in float64 elsewhere.
    Experiment of Geshkovski et al. (2023), section on high dimension.

    Args:
        n: tokens of every system, >= 2.
        dim: dimension, >= 2.
        betas: inverse temperatures, >= 0, strictly increasing.
        times: >= 0, strictly increasing.
        model: SA or USA.
        systems: independent systems for every beta, >= 1.
        seed: for the initial tokens.
        cosine: pairs above it have met; in (0, 1).
        raw_time: measure USA times with the kernel exp(beta <x, y>), which runs exp(beta) times faster.
        score: identity, gaussian or wigner. The closed form is that of the identity.

    Raises:
        InputError: if a value is not as above, tokens or grid are too many for memory, raw times are
            asked of SA, or a solve needs more than 1e5 steps.
    """
    if n == 1:
        raise InputError("n must be >= 2, got 1: a single token does not move and has no other to meet")
    shape = whole_number("n", n, at_least=2), whole_number("dim", dim, at_least=2)
    betas, times, model = _increasing("betas", betas), _increasing("times", times), read_model(model)
    systems, cosine = whole_number("systems", systems, at_least=1), finite_number("cosine", cosine, above=0, below=1)
    score = _read_score(score)
    if max(systems * shape[0] * max(shape), len(betas) * len(times)) > MOST_NUMBERS:
        raise InputError(f"systems n max(n, dim) and betas x times must be at most {MOST_NUMBERS} for want of memory")
    read_beta(betas[-1])
    if raw_time and model is Model.SA:
        raise InputError("raw_time is for usa only: the softmax has one time unit")
    if raw_time and betas[-1] > 700:
        raise InputError(f"betas must be at most 700 with raw times, got {betas[-1]:g}")
    log_clock = betas if raw_time else np.zeros(len(betas))
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    rows = []
    for beta, speed in zip(betas, np.exp(log_clock), strict=True):
        drawn = _systems(generator, systems, *shape)
        pairs = [(x, _matrices(generator, x, shape[1], score)) for x in drawn]
        met = side_by_side(partial(_fractions, beta=beta, times=speed * times, cosine=cosine, model=model), pairs)
        if not all(done for _, done in met):
            raise InputError(f"times must end earlier: beta = {beta:g} needs more than 1e5 steps")
        rows.append(np.concatenate([part for part, _ in met], axis=1).mean(axis=1))
    logs = np.array([equiangular_log_time(0.0, cosine, shape[0], beta, model).value for beta in betas])
    return PhaseDiagram(
        betas,
        times,
        bounded_mean(np.stack(rows), systems, CONFIDENCE),
        Estimate.exact(logs - log_clock),
    )


def phase_curve_beta(time: float, n: int, cosine: float = 0.999, model: Model | str = Model.SA) -> Estimate:
    """Inverse temperature at which n orthogonal tokens take a given time to reach a cosine; NaN if beta = 0 is later.

    The inverse of `equiangular_log_time` in beta.

    Args:
        time: above 0, in the unit of the model.
        n: number of tokens, >= 2.
        cosine: in (0, 1).
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    log_time = float(np.log(finite_number("time", time, above=0)))

    def excess(beta: float) -> float:
        return float(equiangular_log_time(0.0, cosine, n, beta, model).value) - log_time

    if excess(0.0) > 0:
        return Estimate.exact(np.nan)
    top = 1.0
    while excess(top) < 0:
        top *= 2
    return Estimate.exact(brentq(excess, 0.0, top, xtol=1e-14, rtol=8 * np.finfo(float).eps))  # type: ignore[arg-type]


def _increasing(name: str, values: ArrayLike) -> NDArray[np.float64]:
    array = finite_array(name, values, ndim=1)
    if not array.size or array[0] < 0 or np.any(np.diff(array) <= 0):
        raise InputError(f"{name} must be at least one number >= 0, strictly increasing")
    return array


def _precision(beta: float, last: float, cosine: float) -> type[np.floating]:
    """Precision of the arithmetic, which is twice as fast in float32."""
    suits = beta <= _SINGLE["betas"] and last <= _SINGLE["times"] and 1 - cosine >= _SINGLE["gap"]
    return np.float32 if suits else np.float64


def _systems(generator: np.random.Generator, systems: int, n: int, dim: int) -> list[Float[np.ndarray, "s k n"]]:
    """Uniform tokens in chunks, in coordinates of their span if it is smaller than the space."""
    sizes = [rows.stop - rows.start for rows in chunks(systems, n)]
    return [np.array(unit(jnp.asarray(in_span(generator.standard_normal((size, n, dim)))))) for size in sizes]


def _read_score(score: Score | str) -> Score:
    try:
        return Score(score)
    except ValueError as error:
        raise InputError(f"score must be one of {[str(s) for s in Score]}, got {score!r}") from error


def _matrices(
    generator: np.random.Generator, points: Float[np.ndarray, "s k n"], dim: int, score: Score
) -> Float[np.ndarray, "s k k"] | None:
    """One matrix for every system, seen in the coordinates of its tokens: the law does not change under rotations."""
    if score is Score.IDENTITY:
        return None
    systems, seen, _ = points.shape
    drawn = generator.standard_normal((systems, seen, seen)) / np.sqrt(dim)
    return (drawn + drawn.transpose(0, 2, 1)) / np.sqrt(2) if score is Score.WIGNER else drawn


def _fractions(
    pair: tuple[Float[np.ndarray, "s k n"], Float[np.ndarray, "s k k"] | None],
    beta: float,
    times: Float[np.ndarray, " t"],
    cosine: float,
    model: Model,
) -> tuple[Float[np.ndarray, "t s"], Bool[np.ndarray, ""]]:
    """Fraction of pairs above the cosine for every time and system, and whether the last time was reached."""
    points, matrices = pair
    kind = _precision(beta, times[-1], cosine)
    numbers = (points, np.full(len(points), beta), times, TOLERANCE, cosine)
    matrices = None if matrices is None else jnp.asarray(matrices, kind)
    return jax.device_get(follow_chunk(*(jnp.asarray(number, kind) for number in numbers), matrices, _met, model))


def _met(points: Tokens, cosine: Float[Array, ""]) -> Float[Array, " s"]:
    n = points.shape[2]
    above = jnp.sum(cosines_of(points) > cosine, axis=(1, 2))
    return (above - n) / (n * (n - 1))
