"""F2: the energy as a staircase in the length of the path, which is the clock of the paper up to log(beta).

Parameters: Geshkovski, Koubbi, Polyanskiy and Rigollet (2024), from the authors' code, which goes on to a million steps
although nothing moves after the last merger. Jumps: derived (`limit_staircase`).
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.predictions._staircase import Staircase, limit_staircase
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Gallery, OnSphere, Role, series

ANGLES = 0.5 * np.array([0.0, 0.5, 2.0, 4.0, 7.0]) * np.log(2000) / np.sqrt(2000)
BETAS = (500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0)
STEP = 1e-5
GLUE, SLOW = 1e-3, 1e-5
"""Pairs nearer than the first are glued when the gradient is shorter than the second."""
LENGTH = 0.9
"""How far every system is followed, in radians; the last merger is at 0.77."""
EXPECTED = (0.03004520505616102, 0.1514714556453855, 0.33174268598235157, 0.7661704468950392)
AT_500 = "0.0399 0.1476 0.3286 0.7605 in a reduced model"
LEVELS = (5, 7, 11, 13, 25)


class Scheme(NamedTuple):
    """What the scheme did at every beta.

    Attributes:
        length: of the path, where the energy was taken, shape (saves, betas).
        energy: unit energy, shape (saves, betas).
        jumps: length at which a pair was glued, shape (betas, 4).
        angles: at the saves, shape (saves, betas, 5).
    """

    length: Float[np.ndarray, "saves betas"]
    energy: Float[np.ndarray, "saves betas"]
    jumps: Float[np.ndarray, "betas 4"]
    angles: Float[np.ndarray, "saves betas 5"]


def draw(settings: FigureSettings) -> Figure:
    """Run the authors' scheme at six values of beta; `quick` keeps three of them."""
    betas = np.array(BETAS[1::2] if settings.quick else BETAS)
    scheme = gradient_normalised(ANGLES, betas)
    stairs = limit_staircase(ParticleSystem.project(_points(ANGLES), float(betas[-1]), Model.USA))
    charts = (
        _energy_chart(betas, scheme, stairs, rescaled=True),
        _energy_chart(betas, scheme, stairs),
        _angle_chart(betas, scheme, stairs),
        _positions(betas, scheme),
    )
    data = scheme._asdict() | {"betas": betas, "predicted_length": stairs.arc_lengths, "levels": stairs.levels}
    return Figure("staircase", charts, tuple(_rows(betas, scheme, stairs)), data)


def gradient_normalised(angles: Float[np.ndarray, " n"], betas: Float[np.ndarray, " betas"]) -> Scheme:
    """Ascend the energy of USA on the circle in steps of length STEP log(beta), and glue pairs that have met.

    Args:
        angles: at the start, in radians, ascending; of tokens of equal mass.
        betas: inverse temperatures, above 1.
    """
    steps = STEP * np.log(betas)
    every = 5
    saves = int(np.ceil(LENGTH / (every * steps.min())))
    tokens, energy, glued = _ascend(jnp.asarray(angles), jnp.asarray(betas), saves, every)
    at = every * np.arange(1, saves + 1)[:, None] * steps
    return Scheme(at, np.asarray(energy), steps[:, None] * np.asarray(glued), np.asarray(tokens))


State = tuple[Float[Array, "b n"], Int[Array, "b k"], Int[Array, ""]]


@partial(jax.jit, static_argnums=(2, 3))
def _ascend(
    angles: Float[Array, " n"], betas: Float[Array, " b"], saves: int, every: int
) -> tuple[Float[Array, "t b n"], Float[Array, "t b"], Int[Array, "b k"]]:
    """Tokens and energies at the saves, and the number of the step at which each pair was glued."""

    def step(_: object, state: State) -> State:
        tokens, glued, count = state
        moved = jax.vmap(_step)(tokens, betas)
        clusters = jnp.sum(jnp.diff(moved, axis=1) != 0, axis=1, keepdims=True) + 1
        lost = clusters < len(angles) - jnp.arange(len(angles) - 1)[None]
        return moved, jnp.where(lost & (glued == 0), count + 1, glued), count + 1

    def save(state: State, _: None) -> tuple[State, tuple[Array, Array]]:
        state = jax.lax.fori_loop(0, every, step, state)
        return state, (state[0], jax.vmap(_energy)(state[0], betas))

    start = jnp.tile(angles, (len(betas), 1)), jnp.zeros((len(betas), len(angles) - 1), int), jnp.zeros((), int)
    (_, glued, _), (tokens, energy) = jax.lax.scan(save, start, None, length=saves)
    return tokens, energy, glued


def _step(tokens: Float[Array, " n"], beta: Float[Array, ""]) -> Float[Array, " n"]:
    slow = jnp.linalg.norm(_gradient(tokens, beta)) < SLOW
    near = jnp.diff(tokens) < GLUE
    glued = jax.lax.fori_loop(
        0, len(tokens) - 1, lambda i, x: x.at[i + 1].set(jnp.where(near[i], x[i], x[i + 1])), tokens
    )
    tokens = jnp.where(slow, glued, tokens)
    gradient = _gradient(tokens, beta)
    length = jnp.linalg.norm(gradient)
    return tokens + STEP * jnp.log(beta) * gradient / jnp.where(length > 0, length, 1.0)


def _gradient(tokens: Float[Array, " n"], beta: Float[Array, ""]) -> Float[Array, " n"]:
    gaps = tokens[None] - tokens[:, None]
    return jnp.mean(jnp.exp(-2 * beta * jnp.sin(gaps / 2) ** 2) * jnp.sin(gaps), axis=1) / len(tokens)


def _energy(tokens: Float[Array, " n"], beta: Float[Array, ""]) -> Float[Array, ""]:
    return jnp.mean(jnp.exp(-2 * beta * jnp.sin((tokens[None] - tokens[:, None]) / 2) ** 2))


def _points(angles: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n 2"]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _rows(betas: Float[np.ndarray, " betas"], scheme: Scheme, stairs: Staircase) -> list[Comparison]:
    known = Comparison(
        "length of the path at the mergers, predicted", series(EXPECTED, 6), series(stairs.arc_lengths, 6)
    )
    rows = [known, Comparison("levels of 25 EE, predicted", series(LEVELS), series(25 * stairs.levels))]
    for number, beta in enumerate(betas):
        expected = AT_500 if beta == 500 else series(EXPECTED, 4)
        rows.append(
            Comparison(f"length at which pairs are glued, beta {beta:g}", expected, series(scheme.jumps[number], 4))
        )
        rows.append(
            Comparison(f"25 EE between these, beta {beta:g}", series(LEVELS[1:]), series(_levels(scheme, number), 4))
        )
    return rows


def _levels(scheme: Scheme, number: int) -> Float[np.ndarray, "4"]:
    """25 EE in the middle of the plateaus after each merger."""
    ends = np.append(scheme.jumps[number], scheme.length[-1, number])
    return 25 * np.interp((ends[1:] + ends[:-1]) / 2, scheme.length[:, number], scheme.energy[:, number])


def _energy_chart(
    betas: Float[np.ndarray, " betas"], scheme: Scheme, stairs: Staircase, rescaled: bool = False
) -> Chart:
    clocks = np.log(betas) if rescaled else np.ones_like(betas)
    at = np.repeat(np.append(stairs.arc_lengths, LENGTH), 2)[:-1] / clocks[-1]
    label = f"predicted, beta = {betas[-1]:g}" if rescaled else "predicted"
    curves = [Curve(label, np.append(0.0, at), np.repeat(stairs.levels, 2), Role.PREDICTED)]
    for number, beta in enumerate(betas):
        last = int(np.searchsorted(scheme.length[:, number], LENGTH)) - 1
        shown = np.linspace(0, last, 60).astype(int)
        at = scheme.length[shown, number] / clocks[number]
        curves.append(Curve(f"beta = {beta:g}", at, scheme.energy[shown, number], Role.MEASURED, number))
    if rescaled:
        return Chart("The staircase in the clock of the paper", "length / log(beta)", "unit energy EE", tuple(curves))
    return Chart("The same in the length of the path", "length of the path (rad)", "unit energy EE", tuple(curves))


def _angle_chart(betas: Float[np.ndarray, " betas"], scheme: Scheme, stairs: Staircase) -> Chart:
    shown = np.linspace(0, int(np.searchsorted(scheme.length[:, -1], LENGTH)) - 1, 60).astype(int)
    at, angles = scheme.length[shown, -1], scheme.angles[shown, -1]
    mergers = np.repeat(stairs.arc_lengths, 3)
    ends = np.tile([angles.min(), angles.max(), np.nan], len(stairs.arc_lengths))
    curves = (
        Curve("predicted mergers", mergers, ends, Role.PREDICTED, 1),
        Curve("tokens", np.repeat(at, angles.shape[1]), angles.ravel(), Role.MEASURED),
    )
    title = f"One pair at a time, beta = {betas[-1]:g}"
    return Chart(title, "length of the path (rad)", "angle (rad)", curves)


def _positions(betas: Float[np.ndarray, " betas"], scheme: Scheme) -> Gallery:
    """The tokens of the largest beta at the start, after each merger, and at the end."""
    places = _points(scheme.angles[:, -1])
    ends = np.append(scheme.jumps[-1], LENGTH)
    shown = [0, *(int(np.searchsorted(scheme.length[:, -1], at)) for at in (ends[1:] + ends[:-1]) / 2)]
    panels = tuple(OnSphere(f"length {scheme.length[i, -1]:.2f}", places[i], places[:i]) for i in shown)
    return Gallery(f"Tokens on the circle, beta = {betas[-1]:g}", panels)
