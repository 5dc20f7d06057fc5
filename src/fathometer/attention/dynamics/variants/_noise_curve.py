"""The order parameter against the noise: what theory says, particles, and the one-dimensional equation."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics.variants._noisy_ensemble import simulate_ensemble
from fathometer.attention.dynamics.variants._zonal import evolve_zonal
from fathometer.attention.model.variants._noisy_ensemble import LARGEST_ENSEMBLE, NoisyEnsemble
from fathometer.attention.model.variants._zonal_law import ZonalLaw
from fathometer.attention.observables.variants._order_parameter import order_parameter
from fathometer.attention.predictions.variants._noise import tilt_of_order
from fathometer.attention.predictions.variants._zonal_branch import StationaryBranch
from fathometer.evidence import Estimate, InputError, Record, Trajectory, finite_array, finite_number, whole_number

STARTS = ("uniform", "cluster")
"""What tokens and laws begin as."""
SETTLED = 100.0
"""Time of the equation in units of that of the particles: it is cheap, and meant to settle."""
_SHARPEST = 0.9
_SAVES = 20
_LEAST_ORDER = 1e-3


@dataclass(frozen=True, eq=False)
class NoiseCurve(Record):
    """Order parameters at some inverse noises, begun from uniform tokens and from a cluster.

    Attributes:
        kappas: inverse noises, shape (kappas,).
        particles: mean over clouds of the order parameter's mean over the last half of the time, for each of `STARTS`,
            with the interval of 95 % from the clouds and the error of the steps; None without particles.
        equation: order parameter to which the one-dimensional equation settled, for each of `STARTS`; NaN where the law
            became too sharp for its nodes.
        runs: of the equation, by start and number of the kappa.
    """

    kappas: NDArray[np.float64]
    particles: dict[str, Estimate] | None
    equation: dict[str, Estimate]
    runs: dict[tuple[str, int], Trajectory]


def noise_curve(
    branch: StationaryBranch, kappas: ArrayLike, *, time: float, particles: int = 0, clouds: int = 4, seed: int = 0
) -> NoiseCurve:
    """Follow particles and the one-dimensional equation at every kappa, from uniform tokens and from a cluster.

    The cluster has an order parameter of 0.9, or the largest one that the branch resolves; the equation starts as near
    to uniform as the particles are, 1/sqrt(N), at least 0.001.

    Args:
        branch: dimension, beta, model and stationary laws.
        kappas: shape (kappas,), above 0.
        time: of the particles, above 0; the equation runs a hundred times as long.
        particles: N of every cloud; 0 for none, else from 2 to 10 000.
        clouds: independent clouds for each kappa and start, at least 2; at most 1e8 coordinates in all.
        seed: of the clouds.

    Raises:
        InputError: if a value is not as above.
    """
    values, end = finite_array("kappas", kappas, ndim=1), finite_number("time", time, above=0)
    count = whole_number("particles", particles, at_least=0)
    if count == 1:
        raise InputError("particles must be 0 or at least 2, got 1")
    most = LARGEST_ENSEMBLE // max(1, len(STARTS) * values.size * count * branch.dim)
    each = whole_number("clouds", clouds, at_least=2, at_most=max(2, most))
    if np.any(values <= 0):
        raise InputError(f"kappas must be above 0, got {values.min():g}")
    sharp = tilt_of_order(min(_SHARPEST, float(branch.order[-1])), branch.dim)
    flat = tilt_of_order(max(_LEAST_ORDER, 1 / np.sqrt(count or 10_000)), branch.dim)
    # particles first: they refuse what would take too long before the equation has taken its time
    seen = _clouds(branch, values, (0.0, sharp), end, count, each, seed) if count else None
    runs = {
        (start, i): run
        for start, tilt in zip(STARTS, (flat, sharp), strict=True)
        for i, kappa in enumerate(values)
        if (run := _settled(branch, float(kappa), tilt, end)) is not None
    }
    return NoiseCurve(values, seen, {start: _ends(runs, start, len(values)) for start in STARTS}, runs)


def _settled(branch: StationaryBranch, kappa: float, tilt: float, time: float) -> Trajectory | None:
    nodes = min(max(64, branch.nodes), 256)
    law = ZonalLaw.tilted(branch.dim, branch.beta, kappa, branch.model, tilt, nodes)
    try:
        return evolve_zonal(law, [0.0, time, SETTLED * time])
    except InputError:
        return None


def _ends(runs: dict[tuple[str, int], Trajectory], start: str, count: int) -> Estimate:
    orders = [order_parameter(runs[start, i]) if (start, i) in runs else None for i in range(count)]
    parts = [(np.nan,) * 3 if e is None else (e.value[-1], e.lower[-1], e.upper[-1]) for e in orders]  # type: ignore[index]
    value, lower, upper = np.array(parts).T
    return Estimate.heuristic(value, np.maximum(lower, 0.0), np.minimum(upper, 1.0))


def _clouds(
    branch: StationaryBranch,
    kappas: Float[np.ndarray, " kappas"],
    tilts: tuple[float, float],
    time: float,
    particles: int,
    clouds: int,
    seed: int,
) -> dict[str, Estimate]:
    """Time averages over the last half, and their mean over clouds."""
    shape = 2, len(kappas), clouds
    all_kappas = np.broadcast_to(kappas[:, None], shape).ravel()
    all_tilts = np.broadcast_to(np.array(tilts)[:, None, None], shape).ravel()
    ensemble = NoisyEnsemble(branch.dim, particles, branch.beta, all_kappas, branch.model, all_tilts)
    run = simulate_ensemble(ensemble, np.append(0.0, time * np.linspace(0.5, 1, _SAVES)), seed=seed)
    orders = run.measure(lambda way: Estimate.mean_of(way.states["order"][1:].mean(axis=0).reshape(shape)))
    value, lower, upper = (np.clip(part, 0.0, 1.0) for part in (orders.value, orders.lower, orders.upper))
    return {start: Estimate.sampled(value[i], lower[i], upper[i], 0.95) for i, start in enumerate(STARTS)}


def default_kappas(branch: StationaryBranch) -> NDArray[np.float64]:
    """Nine or ten inverse noises on both sides of the onset, and of the fold where there is one.

    Args:
        branch: the stationary laws.
    """
    onset = float(branch.kappa[0])
    high = min(1.4 * onset, max(1.05 * onset, float(branch.kappa[-1])))
    if branch.hysteresis is None:
        return np.linspace(0.6 * onset, high, 10)
    fold = float(branch.hysteresis.kappa_fold.value)
    inside = fold + (onset - fold) * np.array([0.25, 0.5, 0.75])
    return np.concatenate([fold * np.array([0.8, 0.9, 0.97]), inside, np.linspace(onset, high, 4)[1:]])


def default_time(branch: StationaryBranch) -> float:
    """Twenty times the longest of 1 and kappa/(d - 1), the relaxation time of noise, at the onset.

    Args:
        branch: the stationary laws.
    """
    return 20 * max(1.0, float(branch.kappa[0]) / (branch.dim - 1))
