"""How networks with several outputs learn: balanced gradient flow as one matrix equation, and gradient descent."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._precise_solve import solve_precisely, states_of, times_from_zero
from fathometer.deep_linear.model._multi_output import MultiOutput, multi_output_excess
from fathometer.evidence import (
    Estimate,
    InputError,
    Origin,
    Provenance,
    Trajectory,
    finite_array,
)
from fathometer.numerics import Solved, in_three_ways, nudged

_PACKAGES = ("fathometer", "diffrax", "jax", "jaxlib", "numpy")
_TOLERANCE = 1e-11


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
    M, axis = finite_array("start", start, ndim=2), times_from_zero(times)
    if M.shape != problem.shape:
        raise InputError(f"start must have shape {problem.shape}, got {M.shape}")
    data, provenance = problem.regression, Provenance.here(packages=_PACKAGES)

    def run(tolerance: float, nudge: float) -> Trajectory:
        first = M * nudged(np.ones(M.shape), nudge)
        arrays = map(jnp.asarray, (first, axis.points, data.sigma, data.M_star, tolerance))
        states = np.array(states_of(_integrate(*arrays, depth=problem.depth)))
        states[0] = M
        excess = multi_output_excess(problem, states)
        root, slack = np.sqrt(excess), 10 * tolerance * np.sqrt(data.explained + excess[0])
        bars = Estimate.heuristic(excess, np.maximum(0, root - slack) ** 2, (root + slack) ** 2, along=axis)
        return Trajectory(problem, axis, {"M": states}, Origin.SIMULATED, {"excess_risk": bars}, provenance=provenance)

    return in_three_ways(run, _TOLERANCE, None)


@partial(jax.jit, static_argnames="depth")
def _integrate(
    start: Float[Array, "o d"], times: Float[Array, " T"], sigma: Array, M_star: Array, tolerance: Array, *, depth: int
) -> Solved:
    return solve_precisely(times, partial(_velocity, depth=depth), start, tolerance, data=(sigma, M_star))


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
