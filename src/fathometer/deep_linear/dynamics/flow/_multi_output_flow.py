"""How networks with several outputs learn: balanced gradient flow as one matrix equation, and gradient descent."""

from collections.abc import Sequence
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.model._multi_output import MultiOutput, as_multi_output_weights, multi_output_excess
from fathometer.deep_linear.model._network import as_states
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
    whole_number,
)
from fathometer.numerics import in_three_ways, nudged

_PACKAGES = ("fathometer", "diffrax", "jax", "jaxlib", "numpy")
_TOLERANCE = 1e-11
_STEP_LIMIT = 2**20


def balanced_matrix_flow(problem: MultiOutput, start: ArrayLike, times: ArrayLike) -> Trajectory:
    """Gradient flow of the product M of a balanced network, W_{k+1}^T W_{k+1} = W_k W_k^T at time 0 and so for ever.

    Source: Arora, Cohen and Hazan (2018): dM/dt = -sum_k (M M^T)^{(L-k)/L} G (M^T M)^{(k-1)/L} with
    G = 2 (M - M_star) sigma. Integrated with an explicit method of order 8, to 1e-11 relative.

    Args:
        problem: the network.
        start: M at time 0, shape (o, d).
        times: shape (length,), from 0 on, strictly increasing, at least two.

    Returns:
        Along time: state M, observed `excess_risk` (heuristic, from the tolerance).

    Raises:
        InputError: if the shape of the start or the times do not fit.
    """
    M, axis = finite_array("start", start, ndim=2), Axis(AxisKind.TIME, finite_array("times", times, ndim=1))
    if M.shape != problem.shape:
        raise InputError(f"start must have shape {problem.shape}, got {M.shape}")
    if len(axis) < 2 or axis.points[0] != 0:
        raise InputError("times must begin at 0 and be at least two")
    data, provenance = problem.regression, Provenance.here(packages=_PACKAGES)

    def run(tolerance: float, nudge: float) -> Trajectory:
        first = M * nudged(np.ones(M.shape), nudge)
        arrays = map(jnp.asarray, (first, axis.points, data.sigma, data.M_star, tolerance))
        states = np.array(_integrate(*arrays, depth=problem.depth))
        states[0] = M
        excess = multi_output_excess(problem, states)
        root, slack = np.sqrt(excess), 10 * tolerance * np.sqrt(data.explained + excess[0])
        bars = Estimate.heuristic(excess, np.maximum(0, root - slack) ** 2, (root + slack) ** 2, along=axis)
        return Trajectory(problem, axis, {"M": states}, Origin.SIMULATED, {"excess_risk": bars}, provenance=provenance)

    return in_three_ways(run, _TOLERANCE, None)


@partial(jax.jit, static_argnames="depth")
def _integrate(
    start: Float[Array, "o d"], times: Float[Array, " T"], sigma: Array, M_star: Array, tolerance: Array, *, depth: int
) -> Float[Array, "T o d"]:
    scale = jnp.sqrt(jnp.sum(start**2))
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(partial(_velocity, depth=depth)),
        diffrax.Dopri8(),
        t0=times[0],
        t1=times[-1],
        dt0=None,
        y0=start,
        args=(sigma, M_star),
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance * scale),
        max_steps=_STEP_LIMIT,
    )
    return jnp.asarray(solution.ys)


def _velocity(_, M: Float[Array, "o d"], args: tuple[Array, Array], *, depth: int) -> Float[Array, "o d"]:
    """The right-hand side in the singular bases of M, where the powers are diagonal."""
    sigma, M_star = args
    U, S, Vt = jnp.linalg.svd(M, full_matrices=True)
    squares = S ** (2 / depth)
    rows, columns = (jnp.pad(squares, (0, size - len(S))) for size in M.shape)
    powers = jnp.arange(depth, dtype=M.dtype)[:, None]
    gains = jnp.einsum("ki,kj->ij", rows[None] ** powers[::-1], columns[None] ** powers)
    slope = 2 * (M - M_star) @ sigma
    return -U @ (gains * (U.T @ slope @ Vt.T)) @ Vt


def descend_multi_output(
    problem: MultiOutput, weights: Sequence[ArrayLike], step: float, iterations: int, *, every: int = 1
) -> Trajectory:
    """Train with a constant step size on the full risk.

    Args:
        problem: the network.
        weights: initial W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.
        iterations: number of steps, a multiple of `every`.
        every: steps between two observations.

    Returns:
        Along the steps, observed `excess_risk`; states W1 to WL.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    read = as_multi_output_weights(problem, weights)
    if read[0].ndim != 2:
        raise InputError(f"weights must have no batch axis, got W_1 of shape {read[0].shape}")
    eta, stride = finite_number("step", step, above=0), whole_number("every", every, at_least=1)
    count = whole_number("iterations", iterations, at_least=stride)
    if count % stride:
        raise InputError(f"iterations must be a multiple of every = {stride}, got {count}")
    data = problem.regression
    arrays = map(jnp.asarray, (data.sigma, data.M_star, eta, stride))
    kept, excess = _descend(tuple(map(jnp.asarray, read)), *arrays, records=count // stride)
    axis = Axis(AxisKind.STEP, stride * np.arange(len(excess), dtype=np.float64))
    return Trajectory(
        problem,
        axis,
        as_states(tuple(np.asarray(layer) for layer in kept)),
        Origin.TRAINED,
        {"excess_risk": Estimate.exact(np.asarray(excess), along=axis)},
        provenance=Provenance.here(packages=_PACKAGES),
    )


@partial(jax.jit, static_argnames="records")
def _descend(layers: tuple[Array, ...], sigma: Array, M_star: Array, eta: Array, every: Array, *, records: int):
    def excess(layers: tuple[Array, ...]) -> Float[Array, ""]:
        M = layers[0]
        for layer in layers[1:]:
            M = layer @ M
        return jnp.sum((M - M_star) @ sigma * (M - M_star))

    def advance(_, layers: tuple[Array, ...]) -> tuple[Array, ...]:
        return jax.tree.map(lambda layer, slope: layer - eta * slope, layers, jax.grad(excess)(layers))

    def body(layers: tuple[Array, ...], _):
        return lax.fori_loop(0, every, advance, layers), (layers, excess(layers))

    end, before = lax.scan(body, layers, length=records)
    return jax.tree.map(lambda many, one: jnp.concatenate([many, one[None]]), before, (end, excess(end)))
