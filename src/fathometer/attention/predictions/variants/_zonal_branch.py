"""The clustered stationary laws of noisy tokens, followed from the onset through the fold, in any dimension."""

import functools
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from scipy.optimize import brentq

from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._zonal_law import ZonalLaw, read_zonal
from fathometer.attention.predictions.variants._noise import onset_curvature
from fathometer.attention.predictions.variants._zonal_equations import ZonalEquations
from fathometer.evidence import Estimate, InputError, Record, finite_number
from fathometer.numerics import in_float64

_LARGEST_ORDER = 0.9998
_MOST_NODES = 1024
_RESOLVED = 1e-8
"""Change of a moment or of log kappa, when the nodes are doubled, up to which a law is resolved."""
_LONGEST_STEP, _SHORTEST_STEP, _MOST_POINTS = 0.05, 1e-7, 3000
_STRAIGHT = 0.95
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Hysteresis(Record):
    """Where the uniform law and a cluster are both stable.

    Attributes:
        kappa_fold: inverse noise from which on a stable clustered law exists.
        kappa_transition: at which both laws have the same free energy (USA); NaN for SA, which has none.
        kappa_onset: up to which the uniform law is stable.
        order_fold: order parameter at the fold.
        order_transition: by which it jumps at the transition.
        width: (kappa_onset - kappa_fold)/kappa_onset.
    """

    kappa_fold: Estimate
    kappa_transition: Estimate
    kappa_onset: Estimate
    order_fold: Estimate
    order_transition: Estimate
    width: Estimate


@dataclass(frozen=True, eq=False)
class StationaryBranch(Record):
    """Axially symmetric stationary laws other than the uniform one, in the order of the branch.

    Attributes:
        dim: dimension d.
        beta: inverse temperature.
        model: SA or USA.
        kappa: inverse noise of each law, shape (points,); the onset comes first.
        order: order parameter |mean of x|, shape (points,).
        stable: whether no axially symmetric perturbation grows, shape (points,).
        free_energy: of the law minus that of the uniform one at the same kappa, shape (points,); NaN for SA.
        hysteresis: None if the order parameter grows continuously.
        error: largest change of a moment or of log kappa when the number of nodes is doubled.
        moments: means of the Gegenbauer polynomials of degree 1, 2, ..., shape (points, modes).
        nodes: number of Gauss nodes.
    """

    dim: int
    beta: float
    model: Model
    kappa: Float[np.ndarray, " points"]
    order: Float[np.ndarray, " points"]
    stable: Bool[np.ndarray, " points"]
    free_energy: Float[np.ndarray, " points"]
    hysteresis: Hysteresis | None
    error: float
    moments: Float[np.ndarray, "points modes"] = field(repr=False)
    nodes: int = 64

    def moments_at(self, kappa: float) -> list[tuple[NDArray[np.float64], bool]]:
        """Moments of every clustered stationary law at an inverse noise, and whether it is stable.

        Args:
            kappa: inverse noise, in the range of the branch.
        """
        equations = _equations(self.dim, self.beta, self.model, self.nodes)
        laws = [_between(equations, *ends, np.log(kappa / self.beta)) for ends in self._crossings(kappa)]
        return [(z[:-1], equations.stable(z)) for z in laws if z is not None]

    def stable_orders(self, kappa: float) -> list[float]:
        """Order parameters of the stable clustered laws at an inverse noise, increasing; most often none or one.

        Args:
            kappa: inverse noise, in the range of the branch.
        """
        return sorted(float(moments[0]) for moments, stable in self.moments_at(kappa) if stable)

    def law_at(self, kappa: float, nodes: int = 64) -> ZonalLaw:
        """The stable clustered law at an inverse noise, the one with the largest order parameter.

        Args:
            kappa: inverse noise, in the range of the branch.
            nodes: of the law, 8 to 1024.

        Raises:
            InputError: if there is none.
        """
        laws = [moments for moments, stable in self.moments_at(kappa) if stable]
        if not laws:
            raise InputError(f"kappa must be in the range of the stable branch, got {kappa:g}")
        equations = _equations(self.dim, self.beta, self.model, nodes)
        moments = max(laws, key=lambda m: m[0])
        p = equations.law(np.append(moments, np.log(kappa / self.beta)))[0]
        return ZonalLaw(self.dim, p / np.exp(equations.log_weights), self.beta, kappa, self.model)

    def _crossings(self, kappa: float) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Neighbours on the branch with that kappa between them."""
        logs, at = np.log(self.kappa / self.beta), np.log(kappa / self.beta)
        points = np.column_stack([self.moments, logs])
        steps = np.flatnonzero((logs[:-1] < at) != (logs[1:] < at))
        return [(points[i], points[i + 1]) for i in steps]


@in_float64
def stationary_branch(dim: int, beta: float, model: Model | str = Model.USA, *, most: float = 2.0) -> StationaryBranch:
    """Follow the axially symmetric stationary laws from the onset on, by pseudo-arclength continuation.

    The equation f = exp((kappa/beta) k * f)/norm (USA; see `ZonalLaw.balanced`) is solved in the moments of f by
    Newton's method, with Gauss quadrature of 64 to 1024 nodes in <x, w>, doubled until the laws no longer change.

    Args:
        dim: dimension d, 2 to 512.
        beta: inverse temperature, above 0, at most 200 (USA) or 16 (SA).
        model: SA or USA.
        most: kappa in units of the onset up to which the stable branch is followed, 1.01 to 10.

    Raises:
        InputError: if a value is not as above, or the laws are too sharp for 1024 nodes before one of them is stable.
    """
    dim, known, beta = read_zonal(dim, beta, model)
    return _branch(dim, beta, known, finite_number("most", most, at_least=1.01, at_most=10.0))


@functools.lru_cache(maxsize=64)
def _branch(dim: int, beta: float, model: Model, most: float) -> StationaryBranch:
    nodes = 64
    while True:
        equations, finer = (_equations(dim, beta, model, n) for n in (nodes, 2 * nodes))
        points = _followed(equations, most)
        errors = [0.0, *(_doubled(finer, *point) for point in points[1:])]  # the onset is a closed form
        good = next((i for i, error in enumerate(errors) if error > _RESOLVED), len(points))
        if good == len(points) or 2 * nodes >= _MOST_NODES:
            break
        nodes *= 2
    points = _with_fold(equations, points[:good])
    if good < 2 or not equations.stable(points[-1][0]):
        raise InputError(
            f"beta = {beta:g} in dimension {dim} makes clusters that are too sharp for {_MOST_NODES} nodes: the branch"
            " is lost before it is stable; smaller values work"
        )
    z = np.array([point for point, _ in points])
    energies = [equations.free_energy(point) if model is Model.USA else np.nan for point in z]
    # the onset itself is neither stable nor not: it counts as what comes after it
    stable = np.array([equations.stable(point) for point in z[1:]])
    stable = np.concatenate([stable[:1], stable])
    hysteresis = _hysteresis(equations, finer, points, stable, np.array(energies), beta)
    return StationaryBranch(
        dim, beta, model, beta * np.exp(z[:, -1]), z[:, 0], stable, np.array(energies), hysteresis,
        max(errors[:good]), z[:, :-1], nodes,
    )  # fmt: skip


@functools.lru_cache(maxsize=32)
def _equations(dim: int, beta: float, model: Model, nodes: int) -> ZonalEquations:
    return ZonalEquations(dim, beta, model, nodes)


Point = tuple[NDArray[np.float64], NDArray[np.float64]]
"""A law with the direction of the branch there."""


def _followed(equations: ZonalEquations, most: float) -> list[Point]:
    """Points of the branch until it is stable beyond `most`, the order parameter is nearly 1, or it is lost."""
    start = equations.start
    ahead = np.zeros_like(start)
    ahead[0] = 1.0
    points, step = [(start, ahead)], _LONGEST_STEP / 4
    while len(points) < _MOST_POINTS and step > _SHORTEST_STEP and not _ended(points, start[-1] + np.log(most)):
        z, ahead = points[-1]
        found = equations.corrected(z + step * ahead, ahead)
        if found is None or found[1] @ ahead < _STRAIGHT:
            step /= 2
            continue
        points.append(found)
        step = min(1.4 * step, _LONGEST_STEP)
    return points


def _ended(points: list[Point], last: float) -> bool:
    z, ahead = points[-1]
    return bool(z[0] >= _LARGEST_ORDER or (z[-1] >= last and ahead[-1] > 0))


def _doubled(finer: ZonalEquations, z: NDArray[np.float64], ahead: NDArray[np.float64]) -> float:
    """How much a law changes with more nodes; infinite if it is lost."""
    found = finer.corrected(z, ahead)
    return np.inf if found is None else float(np.max(np.abs(found[0] - z)))


def _hysteresis(
    equations: ZonalEquations,
    finer: ZonalEquations,
    points: list[Point],
    stable: NDArray[np.bool_],
    energies: NDArray[np.float64],
    beta: float,
) -> Hysteresis | None:
    """The fold behind which the branch stays stable, and the transition, each with both quadratures."""
    last = _last_fall(points)
    if last == 0:
        return _small_hysteresis(equations.dim, beta, equations.model, points[1][0], equations.start)
    both = [_fold(some, points[last], points[last + 1]) for some in (equations, finer)]
    jumps = [_transition(some, points, energies, last + 1) for some in (equations, finer)]
    onset = beta * np.exp(equations.start[-1])
    fold, order = (_with_error(*pair) for pair in zip(*[(beta * np.exp(z[-1]), z[0]) for z, _ in both], strict=True))
    moved, jump = (_with_error(*pair) for pair in zip(*[(beta * np.exp(z[-1]), z[0]) for z in jumps], strict=True))
    width = _with_error(*(1 - beta * np.exp(z[-1]) / onset for z, _ in both))
    return Hysteresis(fold, moved, Estimate.exact(onset), order, jump, width)


def _small_hysteresis(
    dim: int, beta: float, model: Model, first: NDArray[np.float64], start: NDArray[np.float64]
) -> Hysteresis | None:
    """From kappa/kappa_c = 1 + c r^2 + b r^4 where that turns before the first point; None if it does not.

    The fold is at r^2 = -c/(2 b); the free energies are equal at r^2 = -3 c/(4 b), where kappa/kappa_c = 1 - 3 c^2/(16
    b). Errors are of relative order r^2.
    """
    curvature = onset_curvature(dim, beta, model)
    if curvature >= 0:
        return None
    square = first[0] ** 2
    quartic = (np.expm1(first[-1] - start[-1]) / square - curvature) / square
    onset, drop, size = beta * np.exp(start[-1]), curvature**2 / quartic, -curvature / quartic
    room = 10 * max(size, square)

    def about(value: float, error: float) -> Estimate:
        return Estimate.heuristic(value, value - abs(error), value + abs(error))

    return Hysteresis(
        about(onset * (1 - drop / 4), onset * drop * room),
        about(onset * (1 - 3 * drop / 16), onset * drop * room),
        Estimate.exact(onset),
        about(np.sqrt(size / 2), np.sqrt(size) * room),
        about(np.sqrt(3 * size / 4), np.sqrt(size) * room),
        about(drop / 4, drop * room),
    )


def _last_fall(points: list[Point]) -> int:
    """Number of the last point from which kappa falls; 0 if it does so at most from the onset."""
    rises = np.array([ahead[-1] for _, ahead in points]) > 0
    return int(np.flatnonzero(~rises)[-1]) if not np.all(rises[1:]) else 0


def _with_fold(equations: ZonalEquations, points: list[Point]) -> list[Point]:
    """The points with the fold among them, so that between neighbours kappa rises or falls."""
    last = _last_fall(points)
    if not 0 < last < len(points) - 1:
        return points
    return [*points[: last + 1], _fold(equations, points[last], points[last + 1]), *points[last + 1 :]]


def _fold(equations: ZonalEquations, before: Point, after: Point) -> Point:
    """The law at which log a is least."""
    z, ahead = before
    length = float(ahead @ (after[0] - z))

    def along(s: float) -> Point:
        found = equations.corrected(z + s * ahead, ahead)
        return (np.full_like(z, np.nan), np.full_like(z, np.nan)) if found is None else found

    at = brentq(lambda s: along(s)[1][-1], -0.2 * length, 1.2 * length, xtol=1e-13)
    return along(at)  # type: ignore[arg-type]


def _transition(
    equations: ZonalEquations, points: list[Point], energies: NDArray[np.float64], first: int
) -> NDArray[np.float64]:
    """The law on the stable branch whose free energy is that of the uniform law; NaN if it has none."""
    below = [i for i in range(first, len(points)) if energies[i] < 0]
    if not below:
        return np.full_like(points[0][0], np.nan)
    after = below[0]
    z, ahead = points[after - 1]
    length = float(ahead @ (points[after][0] - z))

    def along(s: float) -> NDArray[np.float64]:
        found = equations.corrected(z + s * ahead, ahead)
        return np.full_like(z, np.nan) if found is None else found[0]

    return along(brentq(lambda s: equations.free_energy(along(s)), 0.0, length, xtol=1e-13))  # type: ignore[arg-type]


def _between(
    equations: ZonalEquations, start: NDArray[np.float64], end: NDArray[np.float64], log_a: float
) -> NDArray[np.float64] | None:
    """The law with that log a between two neighbours on the branch; None if it is the uniform one or lost.

    It is sought along the chord, not at fixed log a: next to a fold two laws with the same log a are close.
    """
    length = float(np.linalg.norm(end - start))
    ahead = (end - start) / length

    def log_at(s: float) -> float:
        # at the onset two branches cross, and the correction is lost: there and at the other end all is known
        law = equations.corrected(start + s * ahead, ahead) if 0 < s < length else None
        return float((start + s * ahead if law is None else law[0])[-1] - log_a)

    if log_at(0.0) * log_at(length) > 0:
        return None
    way = float(brentq(log_at, 0.0, length, xtol=1e-14))  # type: ignore[arg-type]
    law = equations.corrected(start + way * ahead, ahead)
    return law[0] if law is not None and law[0][0] > 1e-6 else None


def _with_error(value: float, finer: float) -> Estimate:
    """A number with what doubling the nodes changes, and rounding, as its error."""
    error = 2 * abs(value - finer) + _ROUNDING * abs(value)
    return Estimate.heuristic(value, value - error, value + error)
