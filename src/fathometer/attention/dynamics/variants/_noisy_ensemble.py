"""Runs of many clouds of noisy tokens side by side, by a scheme of weak order two on the sphere."""

from collections.abc import Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics._assembly import JAX, assemble, read_times
from fathometer.attention.dynamics._batch import batch_velocity, unit
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._noisy_ensemble import NoisyEnsemble
from fathometer.evidence import InputError, Trajectory, finite_number, whole_number
from fathometer.numerics import WIDE_VECTORS, in_float64, with_twins

_MOST_STEPS = 10_000_000
_TOGETHER = 1 << 21
"""Cosines of clouds that are run together."""
_ANGLES = 8193


def simulate_ensemble(ensemble: NoisyEnsemble, times: ArrayLike, *, seed: int, step: float | None = None) -> Trajectory:
    """Follow clouds of noisy tokens, of weak order 2 in the step.

    A step is half a step of Brownian motion, a step of the midpoint rule along the velocities, and the other half. The
    Brownian motion goes along a great circle by a Gaussian tangent vector of variance 2 t exp(-(d - 2) t/3) in each
    direction, t = step/(2 kappa): the factor makes the means of all spherical harmonics right to t^2 (derived from
    G_k'' + (d - 2) cot G_k' + k (k + d - 2) G_k = 0; without it the order is 1). Symmetric splitting keeps the order.

    Args:
        ensemble: the clouds and their starts.
        times: shape (length,), strictly increasing from 0.
        seed: of the starts and the noise.
        step: largest step, above 0; when not given a fifth of 1 or of the smallest kappa/(d - 1).

    Returns:
        A trajectory along time with states "order", |mean of x| of every cloud, shape (length, clouds). Its twins have
        the same noise and steps twice as long: intervals are errors of these paths, not what other seeds give.

    Raises:
        InputError: if a value is not as above, or more than ten million steps are needed.
    """
    axis, seed = read_times(times), whole_number("seed", seed, at_least=0)
    longest = 0.2 * min(1.0, float(ensemble.kappas.min()) / (ensemble.dim - 1))
    longest = longest if step is None else finite_number("step", step, above=0)
    pairs = np.ceil(np.diff(axis.points) / (2 * longest)).astype(int)
    if 2 * pairs.sum() > _MOST_STEPS:
        raise InputError(f"step must be larger: {2 * pairs.sum()} steps are needed, {_MOST_STEPS} are allowed")
    starts = drawn(ensemble, seed)
    sizes = np.diff(axis.points) / (2 * pairs)

    def run(together: int) -> Trajectory:
        orders = np.concatenate(
            [
                _orders(
                    starts[rows], ensemble.kappas[rows], ensemble.beta, pairs, sizes, (seed, number), together, model
                )
                for number, rows in enumerate(_chunks(len(starts), ensemble.particles))
            ],
            axis=1,
        )
        return assemble(ensemble, axis, {"order": orders}, JAX, seed=seed)

    model = ensemble.model
    coarse = run(2)
    return with_twins(run(1), coarse, coarse, None)


def drawn(ensemble: NoisyEnsemble, seed: int) -> NDArray[np.float64]:
    """Tokens of every cloud at time 0, shape (clouds, d, N); the axis of a tilted law is the first direction.

    Args:
        ensemble: the clouds.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    angles = np.linspace(0, np.pi, _ANGLES)
    cosines = np.ones((len(ensemble.tilts), ensemble.particles))
    for tilt in np.unique(ensemble.tilts[np.isfinite(ensemble.tilts)]):
        rows = ensemble.tilts == tilt
        shares = rng.uniform(size=(np.count_nonzero(rows), ensemble.particles))
        cosines[rows] = np.cos(np.interp(shares, _cumulative(angles, tilt, ensemble.dim), angles))
    across = rng.standard_normal((len(cosines), ensemble.dim - 1, ensemble.particles))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    return np.concatenate([cosines[:, None], np.sqrt(np.maximum(1 - cosines**2, 0))[:, None] * across], axis=1)


def _cumulative(angles: NDArray[np.float64], tilt: float, dim: int) -> NDArray[np.float64]:
    """Probability of angles to the axis below each of some equidistant ones."""
    middle = (angles[:-1] + angles[1:]) / 2
    logs = tilt * np.cos(middle) + (dim - 2) * np.log(np.sin(middle))
    shares = np.cumsum(np.exp(logs - logs.max()))
    return np.append(0.0, shares / shares[-1])


def _chunks(clouds: int, particles: int) -> Iterator[slice]:
    most = max(1, _TOGETHER // particles**2)
    return (slice(start, min(start + most, clouds)) for start in range(0, clouds, most))


@in_float64
def _orders(
    points: NDArray[np.float64],
    kappas: NDArray[np.float64],
    beta: float,
    pairs: NDArray[np.int_],
    sizes: NDArray[np.float64],
    seeds: tuple[int, int],
    together: int,
    model: Model,
) -> NDArray[np.float64]:
    """Order parameters of clouds at all times, shape (times, clouds)."""
    key = jax.random.fold_in(jax.random.key(seeds[0]), seeds[1])
    now, orders = jnp.asarray(points), [np.linalg.norm(points.mean(axis=2), axis=1)]
    for number, (count, size) in enumerate(zip(pairs, sizes, strict=True)):
        arrays = map(jnp.asarray, (kappas, beta, count, size))
        now = _followed(now, *arrays, jax.random.fold_in(key, number), together, model)
        orders.append(np.linalg.norm(np.asarray(now).mean(axis=2), axis=1))
    return np.stack(orders)


@partial(jax.jit, static_argnames=("together", "model"), compiler_options=WIDE_VECTORS)
def _followed(
    points: Float[Array, "s d n"],
    kappas: Float[Array, " s"],
    beta: Float[Array, ""],
    pairs: Array,
    size: Float[Array, ""],
    key: Array,
    together: int,
    model: Model,
) -> Float[Array, "s d n"]:
    """Tokens after that many pairs of steps of that size, or after as many steps of twice the size (together = 2)."""
    step = together * size

    def advance(x: Array, first: Array, second: Array) -> Array:
        half = step / (2 * kappas)[:, None, None]
        x = brownian(x, half, first)
        middle = unit(x + step / 2 * batch_velocity(x, beta, model))
        return brownian(unit(x + step * batch_velocity(middle, beta, model)), half, second)

    def pair(number: Array, x: Array) -> Array:
        noise = jax.random.normal(jax.random.fold_in(key, number), (4, *x.shape), x.dtype)
        if together == 2:
            return advance(x, (noise[0] + noise[1]) / jnp.sqrt(2.0), (noise[2] + noise[3]) / jnp.sqrt(2.0))
        return advance(advance(x, noise[0], noise[1]), noise[2], noise[3])

    return jax.lax.fori_loop(0, pairs, pair, points)


def brownian(
    points: Float[Array, "s d n"], time: Float[Array, "#s 1 1"] | float, noise: Float[Array, "s d n"]
) -> Float[Array, "s d n"]:
    """Brownian motion on the sphere for a short time, with generator the Laplacian; of weak order 2.

    Args:
        points: unit vectors along the second axis.
        time: far below 1/(d - 1).
        noise: independent standard normal numbers.
    """
    tangent = noise - jnp.sum(noise * points, axis=1, keepdims=True) * points
    tangent = tangent * jnp.sqrt(2 * time * jnp.exp(-(points.shape[1] - 2) * time / 3))
    length = jnp.linalg.norm(tangent, axis=1, keepdims=True)
    return unit(jnp.cos(length) * points + jnp.sinc(length / jnp.pi) * tangent)
