"""Layers exactly as a network steps: add the attention, then normalise."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from fathometer.attention.dynamics._assembly import JAX, assemble
from fathometer.attention.model._field import interaction
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import Axis, AxisKind, Trajectory, finite_number, whole_number
from fathometer.numerics import project_to_sphere


def iterate_layers(
    system: ParticleSystem, layers: int, step: float = 0.1, *, tangent: bool = False, every: int = 1
) -> Trajectory:
    """Send the tokens through layers x_i -> (x_i + step A_i) / |x_i + step A_i|.

    A_i is the attention average sum_j m_j k(x_i, x_j) x_j, divided by Z_i for SA. It is not tangent: near a cluster
    it points along x_i with length 1, so that a layer is worth less time than `step` (see `layer_time`). With
    `tangent`, its tangent part is taken instead and a layer is worth `step`.

    Args:
        system: the tokens at layer 0.
        layers: how many, at least 1.
        step: above 0.
        tangent: project A_i to the tangent space first.
        every: keep only every so many layers, between 1 and `layers`.

    Returns:
        A trajectory along layers with states "points", and with events "k clusters" at the default resolution.

    Raises:
        InputError: if a value is not as above.
    """
    count = whole_number("layers", layers, at_least=1)
    every = whole_number("every", every, at_least=1, at_most=count)
    step = finite_number("step", step, above=0)
    arrays = map(jnp.asarray, (system.points, system.masses, system.beta, step))
    saved = np.asarray(_iterate(*arrays, system.model, tangent, count // every, every))
    points = np.concatenate([system.points[None], saved])
    axis = Axis(AxisKind.LAYER, every * np.arange(float(len(points))), f"layer of step {step:g}")
    return assemble(system, axis, {"points": points}, JAX, beta=system.beta)


def layer_time(step: float) -> float:
    """Time that a layer is worth inside a cluster, step/(1 + step).

    There <A_i, x_i> = 1, and the normalisation divides the tangent displacement by 1 + step (derived). Fixed-step
    simulations with step 0.1 that count `step` for each layer see every late event 10 % too late.

    Args:
        step: above 0.

    Raises:
        InputError: if the step is not positive.
    """
    step = finite_number("step", step, above=0)
    return step / (1 + step)


def usa_layer_step(radians: float, beta: float) -> float:
    """Step, in the time of the kernel exp(beta <x, y>), with which no token moves more than about `radians`.

    radians / max(sqrt(beta) exp(beta - 1/2), 1): the force of one token on another, exp(beta cos w) sin w, is at most
    about exp(beta - 1/2) / sqrt(beta) (rule of the code of Geshkovski et al. 2023, phase diagrams).

    Args:
        radians: above 0.
        beta: inverse temperature, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    radians = finite_number("radians", radians, above=0)
    beta = finite_number("beta", beta, at_least=0)
    return radians / max(np.sqrt(beta) * np.exp(beta - 0.5), 1.0)


def equiangular_layer(cosine: float, n: int, beta: float, step: float) -> float:
    """Common cosine of n equiangular tokens of equal mass after one layer of SA (derived; exact).

    Args:
        cosine: above -1/(n - 1), at most 1.
        n: number of tokens, >= 2; two tokens always are equiangular.
        beta: inverse temperature, >= 0.
        step: above 0.

    Raises:
        InputError: if a value is not as above.
    """
    n = whole_number("n", n, at_least=2)
    rho = finite_number("cosine", cosine, above=-1 / (n - 1), at_most=1)
    q = np.exp(finite_number("beta", beta, at_least=0) * (rho - 1))
    share = finite_number("step", step, above=0) / (1 + (n - 1) * q)
    own, other = 1 + share, share * q
    square = own**2 + 2 * own * other * (n - 1) * rho + other**2 * (n - 1) * (1 + (n - 2) * rho)
    product = own**2 * rho + 2 * own * other * (1 + (n - 2) * rho)
    product += other**2 * (n - 2 + ((n - 1) ** 2 - (n - 2)) * rho)
    return float(product / square)


@partial(jax.jit, static_argnums=(4, 5, 6, 7))
def _iterate(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    step: Float[Array, ""],
    model: Model,
    tangent: bool,
    saves: int,
    every: int,
) -> Float[Array, "t n d"]:
    def layer(state: Float[Array, "n d"], _: None) -> tuple[Float[Array, "n d"], None]:
        force, partition = interaction(state, masses, beta)
        scale = jnp.ones(()) if model is Model.USA else 1 / partition[:, None]
        move = scale * force if tangent else scale * (force + _along(state, masses, beta)[:, None] * state)
        return project_to_sphere(state + step * move), None

    def block(state: Float[Array, "n d"], _: None) -> tuple[Float[Array, "n d"], Float[Array, "n d"]]:
        state, _ = jax.lax.scan(layer, state, None, length=every)
        return state, state

    return jax.lax.scan(block, points, None, length=saves)[1]


def _along(points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Float[Array, ""]) -> Float[Array, " n"]:
    """Part of the attention sum along the token itself, sum_j m_j k(x_i, x_j) <x_i, x_j>."""

    def of(token: Float[Array, " d"]) -> Float[Array, ""]:
        gaps = jnp.sum((points - token[None]) ** 2, axis=-1) / 2
        return jnp.dot(masses * jnp.exp(-beta * gaps), 1 - gaps)

    return jax.lax.map(of, points)
