"""A collapse that is certain from a moment of a run on, though the tokens start in no hemisphere."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.certified._errors import place_errors
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.hemisphere._known_cloud import KnownCloud
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions.hemisphere._cone_time import chart_width
from fathometer.attention.predictions.hemisphere._known_cloud import (
    LEAST_MARGIN,
    certified_log_time,
    certified_rate,
    chart_bounds,
)
from fathometer.evidence import Axis, AxisKind, Trajectory, text_down, text_near, text_up

_MOST_TOKENS = 4096
"""Tokens up to which states are looked at."""


@dataclass(frozen=True, eq=False)
class CertifiedCollapse:
    """What a run certifies about its collapse.

    Attributes:
        cloud: the moment from which the earliest time follows, before the tokens are one cluster if there is one.
        log_time: log of the time by which all tokens are one cluster; inf if nothing is certified.
        rate: at which their width falls from then on, at least; 0 if nothing is certified.
        first: the first moment at which all tokens are certainly in an open hemisphere.
        first_log_time: log of the time by which they are one cluster, as known at that moment.
        reason: why nothing is certified, in one sentence; empty if something is.
    """

    cloud: KnownCloud | None
    log_time: float
    rate: float
    first: KnownCloud | None
    first_log_time: float
    reason: str

    @classmethod
    def without(cls, reason: str) -> "CertifiedCollapse":
        """Nothing is certified, for a reason."""
        return cls(None, np.inf, 0.0, None, np.inf, reason)

    def to_json(self) -> dict[str, Any] | None:
        """Return {log_time, rate, from_log_time}, the last of which is null for the start; None if there is nothing."""
        if self.cloud is None:
            return None
        log_time = self.log_time if np.isfinite(self.log_time) else None
        return {"log_time": log_time, "rate": self.rate, "from_log_time": self.cloud.log_time}

    def text(self) -> str:
        """Return it in one or two sentences."""
        if self.cloud is None or self.first is None:
            return f"No collapse is certified: {self.reason}."
        said = (
            f"Certified: one cluster by log t = {text_up(self.log_time)}, then narrower at the rate"
            f" {text_down(self.rate, 4)} or faster; known from {_moment(self.cloud)} on"
        )
        if self.first is self.cloud:
            return f"{said}."
        return f"{said}. Known first from {_moment(self.first)}: by log t = {text_up(self.first_log_time)}."


def _moment(cloud: KnownCloud) -> str:
    where = "the start" if cloud.log_time is None else f"log t = {text_near(cloud.log_time)}"
    return f"{where} (margin {text_near(cloud.margin.lower, 3)})"


def certified_collapse(run: Trajectory, room: float = 0.0) -> CertifiedCollapse:
    """Certify the collapse of a run from its states: the cone lemma at every moment when it applies, with the errors.

    Tokens at a moment are known within 4 times the largest difference between the run and its twins there, and `room`:
    that is what is not proved, but usually so. All else is proved, for any masses and dimension, SA and USA.

    Args:
        run: of plain tokens, along time or log time, with states "points".
        room: a distance that is added to the error of every token but at the start, >= 0.
    """
    if reason := _unfit(run):
        return CertifiedCollapse.without(reason)
    clouds = known_clouds(run, room)
    certain = [cloud for cloud in clouds if float(cloud.margin.lower) > LEAST_MARGIN]
    if not certain:
        return CertifiedCollapse.without(_missing(clouds, run))
    wide = chart_width(default_resolution(certain[0].system.beta))
    before = [cloud for cloud in certain if chart_bounds(cloud)[1] > wide] or certain[:1]
    best = min(before, key=certified_log_time)
    first = certain[0]
    return CertifiedCollapse(best, certified_log_time(best), certified_rate(best), first, certified_log_time(first), "")


def known_clouds(run: Trajectory, room: float = 0.0) -> list[KnownCloud]:
    """Return the tokens at every moment of a run, with the errors that its twins show.

    Args:
        run: as for `certified_collapse`.
        room: as for `certified_collapse`.
    """
    system, points = ParticleSystem.expect(run.problem), run.states["points"]
    moments = zip(points, place_errors(run, room), _log_times(run.axis), strict=True)
    return [
        KnownCloud(ParticleSystem.project(state, system.beta, system.model, system.masses), error, log_time)
        if i
        else KnownCloud(system, 0.0)
        for i, (state, error, log_time) in enumerate(moments)
    ]


def _log_times(axis: Axis) -> Float[np.ndarray, " t"]:
    with np.errstate(divide="ignore"):
        return axis.points if axis.kind is AxisKind.LOG_TIME else np.log(axis.points)


def _unfit(run: Trajectory) -> str:
    """Why a run cannot certify anything; empty if it can."""
    if not isinstance(run.problem, ParticleSystem):
        return "the cone lemma is about the plain model"
    if "points" not in run.states:
        return "the states of so many tokens are not kept"
    if run.states["points"].shape[1] > _MOST_TOKENS:
        return f"states are looked at up to {_MOST_TOKENS} tokens"
    return "" if run.twins else "the run has no twins, so that its error is not known"


def _missing(clouds: list[KnownCloud], run: Trajectory) -> str:
    """What keeps the tokens from being certainly in a hemisphere."""
    nearest = max(clouds, key=lambda cloud: float(cloud.margin.value))
    margin, error = float(nearest.margin.value), nearest.error
    grows = "" if run.condition is None else f", for a change of the start grows {text_near(run.condition, 2)} times"
    if margin > LEAST_MARGIN:
        return (
            f"undecided, a hemisphere holds all tokens by {text_near(margin, 3)} at best, but they are known only to"
            f" {text_up(error, 2)}{grows}"
        )
    return f"no open hemisphere holds all tokens at any of the {len(clouds)} moments that were looked at"
