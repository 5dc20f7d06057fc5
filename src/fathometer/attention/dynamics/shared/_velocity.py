"""One right-hand side on a ring of devices, from arrays to arrays."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics.shared._ring import Ring
from fathometer.attention.dynamics.shared._tile import Kernel, usual_kernel
from fathometer.attention.dynamics.shared._turns import Plan, compiled_felt
from fathometer.attention.model._system import Model, read_beta, read_model
from fathometer.evidence import InputError, finite_array

_OFF = 1e-6
"""Largest deviation of a norm, or of the sum of the masses, from 1."""


def shared_velocity(
    points: ArrayLike,
    masses: ArrayLike,
    beta: float,
    model: Model | str,
    ring: Ring,
    *,
    kernel: Kernel | str | None = None,
    causal: bool = False,
) -> Float[np.ndarray, "n d"]:
    """Velocity of every token, as `velocity` gives it, computed by all devices of a ring.

    A device holds n d / devices numbers, one block of as many that travels around the ring, and a tile. Weights are
    kept in units of the largest one, so that they do not vanish together at any beta.

    Args:
        points: shape (n, d), unit rows; on several hosts the same on each.
        masses: shape (n,), not negative, sum 1. A token of mass zero feels the others, which do not feel it.
        beta: inverse temperature, between 0 and 1e10.
        model: SA or USA.
        ring: the devices.
        kernel: how a tile is made, see `Kernel`; the faster one that is good to about 1e-13 when not given.
        causal: a token sees only itself and those before it.

    Raises:
        InputError: if a value is not as above.
    """
    rows, weights = _read(points, masses)
    beta, chosen = read_beta(beta), read_kernel(kernel, beta, rows.shape[1])
    plan = Plan(ring, ring.side(len(rows)), read_model(model), chosen, causal)
    felt = compiled_felt(*ring.share(rows, weights), beta, plan)
    return ring.gather(felt.velocity, len(rows))


def read_kernel(kernel: Kernel | str | None, beta: float, dim: int) -> Kernel:
    """Return the kernel of that name, or the usual one.

    Args:
        kernel: products, differences or None.
        beta: inverse temperature.
        dim: dimension of the tokens.

    Raises:
        InputError: if there is none of that name.
    """
    if kernel is None:
        return usual_kernel(beta, dim)
    if kernel not in list(Kernel):
        raise InputError(f"kernel must be one of {[str(one) for one in Kernel]}, got {kernel!r}")
    return Kernel(kernel)


def _read(points: ArrayLike, masses: ArrayLike) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    rows, weights = finite_array("points", points, ndim=2), finite_array("masses", masses, ndim=1)
    if rows.shape[0] < 1 or rows.shape[1] < 2:
        raise InputError(f"points must have shape (n, d) with n >= 1 and d >= 2, got {rows.shape}")
    off = np.abs(np.linalg.norm(rows, axis=1) - 1)
    if np.max(off) > _OFF:
        raise InputError(f"points must have unit rows, row {int(np.argmax(off))} is off by {np.max(off):.3g}")
    if len(weights) != len(rows) or np.min(weights) < 0 or abs(np.sum(weights) - 1) > _OFF:
        raise InputError(
            f"masses must be {len(rows)} numbers that are not negative and sum to 1, got {len(weights)} with least"
            f" {np.min(weights, initial=0):.3g} and sum {np.sum(weights):.6g}"
        )
    return rows, weights
