"""Two thresholds of given tokens: up to where collapse is certified in time, and from where on clusters are."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics.certified._collapse import MERGE_ROOM, CertifiedCollapse, certified_collapse
from fathometer.attention.dynamics.certified._window import MetastableScan, metastable_scan
from fathometer.attention.dynamics.collapse import collapse_trajectory, simulate_collapse
from fathometer.attention.model._system import ParticleSystem, read_beta
from fathometer.attention.predictions._metastable_threshold import metastability_threshold
from fathometer.evidence import Estimate, InputError, finite_array, finite_number

HORIZON = 30.0
"""The longest time of the published phase diagrams."""
_GRID = 16
_LOW, _HIGH = 0.5, 20.0
"""Ends of the grid of inverse temperatures, where nothing else is known."""

Announce = Callable[[str], object]


@dataclass(frozen=True, eq=False)
class CollapseThreshold:
    """What is proved, and what is seen, of the collapse of given tokens at every inverse temperature.

    Attributes:
        horizon: time by which they are to be one cluster.
        betas: shape (b,), ascending.
        measured: logs of the times of collapse, of the collapse solver.
        certified: what each of the runs certifies.
        scan: where clusters are certified to stay apart.
    """

    horizon: float
    betas: Float[np.ndarray, " b"]
    measured: tuple[Estimate, ...]
    certified: tuple[CertifiedCollapse, ...]
    scan: MetastableScan

    @property
    def in_time(self) -> list[bool]:
        """At which inverse temperatures one cluster is certified before the horizon."""
        return [one.log_time <= math.log(self.horizon) for one in self.certified]

    @property
    def beta_exp(self) -> float | None:
        """Largest inverse temperature of the grid up to which that is so everywhere; None if not at the first."""
        until = [*self.in_time, False].index(False)
        return float(self.betas[until - 1]) if until else None

    @property
    def first_late(self) -> float | None:
        """Smallest inverse temperature of the grid at which it is not so."""
        late = [float(beta) for beta, good in zip(self.betas, self.in_time, strict=True) if not good]
        return late[0] if late else None

    @property
    def beta_meta(self) -> float | None:
        """Smallest inverse temperature looked at above which clusters are always certified; None if there is none."""
        return self.scan.first_success

    def to_json(self) -> dict[str, Any]:
        """Return the thresholds, the measured times, and what they come from, as JSON values."""
        betas = self.betas.tolist()
        return {
            "beta_exp": self.beta_exp,
            "beta_meta": self.beta_meta,
            "measured": [
                {"beta": beta, "log_time_of_collapse": seen.to_json()}
                for beta, seen in zip(betas, self.measured, strict=True)
            ],
            "horizon": self.horizon,
            "first_not_in_time": self.first_late,
            "last_not_metastable": self.scan.last_failure,
            "certified": [
                {"beta": beta, "certified": one.to_json(), "reason": one.reason or None}
                for beta, one in zip(betas, self.certified, strict=True)
            ],
            "windows": [
                {"beta": beta, **window._asdict()}
                for beta, window in zip(betas, self.scan.windows, strict=True)
                if window is not None
            ],
        }


def collapse_threshold(
    system: ParticleSystem,
    betas: ArrayLike | None = None,
    horizon: float = HORIZON,
    *,
    tolerance: float = 1e-8,
    announce: Announce | None = None,
) -> CollapseThreshold:
    """Certify and measure the collapse of tokens over a grid of inverse temperatures.

    At each of them the collapse solver runs to the last merger, with its twins; what `certified_collapse` makes of its
    states is compared with the horizon. Beside that, `metastable_scan` looks where clusters are certified.

    Args:
        system: the tokens at time 0; their beta does not matter.
        betas: shape (b,), ascending, above 0; 16 from 0.5 to beyond the threshold of the certificate if not given.
        horizon: time by which the tokens are to be one cluster, above 0.
        tolerance: of the collapse solver.
        announce: is told how far it is, in a line.

    Raises:
        InputError: if a value is not as above, or there are fewer than two tokens.
    """
    if len(system.points) < 2:
        raise InputError("points must be two or more, got 1: one token does not move")
    grid = default_betas(system) if betas is None else _read_betas(betas)
    horizon = finite_number("horizon", horizon, above=0)
    scan = metastable_scan(system, grid)
    measured, certified = [], []
    for number, beta in enumerate(grid, 1):
        seen, proved = _at(dataclasses.replace(system, beta=float(beta)), tolerance)
        measured.append(seen)
        certified.append(proved)
        if announce is not None:
            announce(f"{number} of {len(grid)}: beta = {beta:.4g}, log time of collapse {seen}")
    return CollapseThreshold(horizon, grid, tuple(measured), tuple(certified), scan)


def default_betas(system: ParticleSystem) -> Float[np.ndarray, " b"]:
    """Sixteen inverse temperatures from 0.5 to a little beyond the threshold of the certificate, in equal ratios."""
    threshold = float(metastability_threshold(system).beta.value) if len(system.points) > 1 else np.inf
    return np.geomspace(_LOW, 1.5 * threshold if 1.5 * threshold > _HIGH and threshold < 1e9 else _HIGH, _GRID)


def _at(system: ParticleSystem, tolerance: float) -> tuple[Estimate, CertifiedCollapse]:
    collapse = simulate_collapse(system, tolerance=tolerance)
    run = collapse_trajectory(system, collapse)
    room = MERGE_ROOM * tolerance / max(1.0, system.beta)
    return collapse.log_time_of_collapse, certified_collapse(run, room)


def _read_betas(betas: ArrayLike) -> Float[np.ndarray, " b"]:
    grid = finite_array("betas", betas, ndim=1)
    if not len(grid) or np.any(np.diff(grid) <= 0) or grid[0] <= 0:
        raise InputError(f"betas must be above 0 and increase, got {grid[:5].tolist()}")
    read_beta(float(grid[-1]))
    return grid
