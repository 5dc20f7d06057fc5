"""Two thresholds of given tokens: up to where collapse is certified in time, and from where on clusters are."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics.certified._collapse import CertifiedCollapse, certified_collapse
from fathometer.attention.dynamics.certified._errors import merge_room
from fathometer.attention.dynamics.certified._window import (
    MetastableScan,
    MetastableWindow,
    is_long,
    last_change,
    last_plateau,
    metastable_scan,
)
from fathometer.attention.dynamics.collapse import collapse_trajectory, simulate_collapse
from fathometer.attention.model._system import ParticleSystem, read_beta
from fathometer.attention.predictions._metastable_threshold import metastability_threshold
from fathometer.evidence import Estimate, InputError, finite_array, finite_number

HORIZON = 30.0
"""The longest time of the published phase diagrams."""
_GRID = 16
_SHARE = 0.02
"""How finely the threshold of what needs runs is bisected, relative to itself."""
_LOW, _HIGH = 0.5, 20.0
"""Ends of the grid of inverse temperatures, where nothing else is known."""

Announce = Callable[[str], object]


class AtBeta(NamedTuple):
    """What is seen and proved at one inverse temperature.

    Attributes:
        measured: log of the time of collapse, of the collapse solver.
        certified: by when it is certain.
        plateau: how long the last clusters stay apart at the least; None if that is not known.
    """

    measured: Estimate
    certified: CertifiedCollapse
    plateau: MetastableWindow | None


@dataclass(frozen=True, eq=False)
class CollapseThreshold:
    """What is proved, and what is seen, of the collapse of given tokens at every inverse temperature.

    Attributes:
        horizon: time by which they are to be one cluster.
        betas: shape (b,), ascending.
        runs: at each of them.
        caps: where the theorem on separated caps certifies clusters, from the tokens at time 0.
        lifetime: last failure and first success of the lower bound on the life of the last clusters, a posteriori.
    """

    horizon: float
    betas: Float[np.ndarray, " b"]
    runs: tuple[AtBeta, ...]
    caps: MetastableScan
    lifetime: tuple[float | None, float | None]

    @property
    def in_time(self) -> list[bool]:
        """At which inverse temperatures one cluster is certified before the horizon."""
        return [run.certified.log_time <= math.log(self.horizon) for run in self.runs]

    @property
    def beta_exp(self) -> float | None:
        """Largest inverse temperature of the grid up to which that is so everywhere; None if not at the first."""
        until = [*self.in_time, False].index(False)
        return float(self.betas[until - 1]) if until else None

    @property
    def beta_meta(self) -> float | None:
        """Smallest inverse temperature looked at above which one of the two always certifies clusters; None if none."""
        return min((beta for beta in (self.caps.first_success, self.lifetime[1]) if beta is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the thresholds, the measured times, and what they come from, as JSON values."""
        betas = self.betas.tolist()
        late = [beta for beta, good in zip(betas, self.in_time, strict=True) if not good]
        return {
            "beta_exp": self.beta_exp,
            "beta_meta": self.beta_meta,
            "measured": [
                {"beta": beta, "log_time_of_collapse": run.measured.to_json()}
                for beta, run in zip(betas, self.runs, strict=True)
            ],
            "horizon": self.horizon,
            "first_not_in_time": late[0] if late else None,
            "metastable": {
                "separated_caps": {"last_failure": self.caps.last_failure, "first_success": self.caps.first_success},
                "cluster_lifetime": {"last_failure": self.lifetime[0], "first_success": self.lifetime[1]},
            },
            "certified": [
                {"beta": beta, "certified": run.certified.to_json(), "not_certified": run.certified.reason or None}
                for beta, run in zip(betas, self.runs, strict=True)
            ],
            "apart": [
                {"beta": beta, "separated_caps": _window(caps), "cluster_lifetime": _window(run.plateau)}
                for beta, caps, run in zip(betas, self.caps.windows, self.runs, strict=True)
            ],
        }


def _window(window: MetastableWindow | None) -> dict[str, float | int | None] | None:
    if window is None:
        return None
    return {name: value if math.isfinite(value) else None for name, value in window._asdict().items()}


def collapse_threshold(
    system: ParticleSystem,
    betas: ArrayLike | None = None,
    horizon: float = HORIZON,
    *,
    tolerance: float = 1e-8,
    announce: Announce | None = None,
) -> CollapseThreshold:
    """Certify and measure the collapse of tokens over a grid of inverse temperatures.

    At each of them the collapse solver runs to the last merger, with its twins. What `certified_collapse` makes of its
    states is compared with the horizon, and what `last_plateau` makes of them with the time that the last clusters took
    to form. Beside that, `metastable_scan` looks where the theorem on separated caps applies at time 0.

    Args:
        system: the tokens at time 0; their beta does not matter.
        betas: shape (b,), ascending, above 0; 16 from 0.5 to beyond the threshold of the theorem if not given.
        horizon: time by which the tokens are to be one cluster, above 0.
        tolerance: of the collapse solver.
        announce: is told how far it is, in a line.

    Raises:
        InputError: if a value is not as above, or there are fewer than two tokens.
    """
    if len(system.points) < 2:
        raise InputError("points must be two or more, got 1: one token does not move")
    system = in_their_span(system)
    grid = default_betas(system) if betas is None else _read_betas(betas)
    horizon = finite_number("horizon", horizon, above=0)

    def at(beta: float) -> AtBeta:
        run = collapse_at(dataclasses.replace(system, beta=beta), tolerance)
        if announce is not None:
            announce(f"beta = {beta:.5g}: log time of collapse {run.measured}")
        return run

    runs = tuple(at(float(beta)) for beta in grid)
    looked = [(float(beta), is_long(run.plateau)) for beta, run in zip(grid, runs, strict=True)]
    lifetime = last_change(looked, lambda beta: is_long(at(beta).plateau), _SHARE)
    return CollapseThreshold(horizon, grid, runs, metastable_scan(system, grid), lifetime)


def in_their_span(system: ParticleSystem) -> ParticleSystem:
    """The tokens in coordinates of their span, which they never leave, where they are fewer than the dimensions."""
    n, d = system.points.shape
    if d <= max(n, 2):
        return system
    basis = np.linalg.qr(system.points.T)[0]
    return ParticleSystem.project(system.points @ basis, system.beta, system.model, system.masses)


def default_betas(system: ParticleSystem) -> Float[np.ndarray, " b"]:
    """Sixteen inverse temperatures from 0.5 to a little beyond the threshold of the certificate, in equal ratios."""
    threshold = float(metastability_threshold(system).beta.value) if len(system.points) > 1 else np.inf
    return np.geomspace(_LOW, 1.5 * threshold if 1.5 * threshold > _HIGH and threshold < 1e9 else _HIGH, _GRID)


def collapse_at(system: ParticleSystem, tolerance: float = 1e-8) -> AtBeta:
    """Measure the time of collapse of tokens, and certify it from both sides.

    Args:
        system: the tokens at time 0.
        tolerance: of the collapse solver.
    """
    collapse = simulate_collapse(system, tolerance=tolerance)
    run = collapse_trajectory(system, collapse)
    room = merge_room(tolerance, system.beta)
    plateau = last_plateau(run, room) if run.twins else None
    return AtBeta(collapse.log_time_of_collapse, certified_collapse(run, room), plateau)


def _read_betas(betas: ArrayLike) -> Float[np.ndarray, " b"]:
    grid = finite_array("betas", betas, ndim=1)
    if not len(grid) or np.any(np.diff(grid) <= 0) or grid[0] <= 0:
        raise InputError(f"betas must be above 0 and increase, got {grid[:5].tolist()}")
    read_beta(float(grid[-1]))
    return grid
