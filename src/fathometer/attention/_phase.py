"""The (time, beta) phase diagram: when do random tokens meet, and when does the closed form say so."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from fathometer.attention._closed_forms import equiangular_log_time
from fathometer.attention._system import Model, read_model
from fathometer.evidence import Estimate, InputError, Record, finite_array, finite_number, whole_number
from fathometer.numerics import project_to_sphere

CONFIDENCE = 0.99
TOLERANCE = 1e-4
"""Local error of a coordinate. Against 1e-9, the fraction at n = 32, d = 8, beta = 1, 4, 9 changes by at most 4e-5."""

_CHUNK = 1 << 14
"""Cosines that are integrated together with one step size: small, because the slowest system sets the step."""


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
            Hoeffding interval of each entry.
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

    Every chunk of systems is one adaptive Runge-Kutta solve (Tsit5) with one step size and interpolated states.
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
        InputError: if a value is not as above, raw times are asked of SA, or a solve needs more than 1e5 steps.
    """
    shape = whole_number("n", n, at_least=2), whole_number("dim", dim, at_least=2)
    betas, times, model = _increasing("betas", betas), _increasing("times", times), read_model(model)
    systems, cosine = whole_number("systems", systems, at_least=1), finite_number("cosine", cosine, above=0, below=1)
    score = _read_score(score)
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
        numbers = tuple(map(jnp.asarray, (beta, speed * times, cosine)))
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # chunks side by side
            met = list(
                pool.map(
                    lambda pair, numbers=numbers: jax.device_get(_fractions(pair[0], *numbers, pair[1], model)), pairs
                )
            )
        if not all(done for _, done in met):
            raise InputError(f"times must end earlier: beta = {beta:g} needs more than 1e5 steps")
        rows.append(np.concatenate([part for part, _ in met]).mean(axis=0))
    fraction, half = np.stack(rows), np.sqrt(np.log(2 / (1 - CONFIDENCE)) / (2 * systems))
    logs = np.array([equiangular_log_time(0.0, cosine, shape[0], beta, model).value for beta in betas])
    lower, upper = np.maximum(fraction - half, 0.0), np.minimum(fraction + half, 1.0)
    return PhaseDiagram(
        betas,
        times,
        Estimate.sampled(fraction, lower, upper, CONFIDENCE),
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


def _systems(generator: np.random.Generator, systems: int, n: int, dim: int) -> list[Float[Array, "s n k"]]:
    """Uniform tokens in chunks, in coordinates of their span if it is smaller than the space."""
    most = max(1, _CHUNK // n**2)
    sizes = [min(most, systems - start) for start in range(0, systems, most)]
    return [_uniform(generator, size, n, dim) for size in sizes]


def _uniform(generator: np.random.Generator, systems: int, n: int, dim: int) -> Float[Array, "s n k"]:
    drawn = generator.standard_normal((systems, n, dim))
    seen = drawn if dim <= n else np.linalg.qr(drawn.transpose(0, 2, 1)).R.transpose(0, 2, 1)
    return project_to_sphere(jnp.asarray(seen))


def _read_score(score: Score | str) -> Score:
    try:
        return Score(score)
    except ValueError as error:
        raise InputError(f"score must be one of {[str(s) for s in Score]}, got {score!r}") from error


def _matrices(
    generator: np.random.Generator, points: Float[Array, "s n k"], dim: int, score: Score
) -> Float[Array, "s k k"] | None:
    """One matrix for every system, seen in the coordinates of its tokens: the law does not change under rotations."""
    if score is Score.IDENTITY:
        return None
    systems, _, seen = points.shape
    drawn = generator.standard_normal((systems, seen, seen)) / np.sqrt(dim)
    return jnp.asarray((drawn + drawn.transpose(0, 2, 1)) / np.sqrt(2) if score is Score.WIGNER else drawn)


@partial(jax.jit, static_argnames="model")
def _fractions(
    points: Float[Array, "s n k"],
    beta: Float[Array, ""],
    times: Float[Array, " t"],
    cosine: Float[Array, ""],
    matrices: Float[Array, "s k k"] | None,
    model: Model,
) -> tuple[Float[Array, "s t"], Array]:
    """Fraction of pairs above the cosine for every system and time, and whether the last time was reached."""
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, y, args: batch_velocity(project_to_sphere(y), beta, model, matrices)),
        diffrax.Tsit5(),
        0.0,
        times[-1],
        None,
        points,
        saveat=diffrax.SaveAt(ts=times, fn=lambda t, y, args: _met(project_to_sphere(y), cosine)),
        stepsize_controller=diffrax.PIDController(
            rtol=TOLERANCE, atol=TOLERANCE, pcoeff=0.4, icoeff=0.3, norm=optimistix.max_norm
        ),
        adjoint=diffrax.ForwardMode(),
        max_steps=100_000,
        throw=False,
    )
    return solution.ys.T, solution.result == diffrax.RESULTS.successful  # type: ignore[union-attr]


def batch_velocity(
    points: Float[Array, "s n k"],
    beta: Float[Array, ""] | float,
    model: Model,
    matrices: Float[Array, "s k k"] | None = None,
) -> Float[Array, "s n k"]:
    """Velocity of the tokens of equal mass of every system, through cosines: fast, and exact to 1e-16 absolute only."""
    cosines = jnp.einsum("sik,sjk->sij", points, points)
    scores = cosines if matrices is None else jnp.einsum("sik,skl,sjl->sij", points, matrices, points)
    weights = jnp.exp(beta * (scores - 1))
    force = weights @ points
    force -= jnp.sum(force * points, axis=-1, keepdims=True) * points
    return force / (points.shape[1] if model is Model.USA else jnp.sum(weights, axis=-1, keepdims=True))


def _met(points: Float[Array, "s n k"], cosine: Float[Array, ""]) -> Float[Array, " s"]:
    n = points.shape[1]
    above = jnp.sum(jnp.einsum("sik,sjk->sij", points, points) > cosine, axis=(1, 2))
    return (above - n) / (n * (n - 1))
