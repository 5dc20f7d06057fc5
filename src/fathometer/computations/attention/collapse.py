"""`collapse`: tokens to their last merger, in log time."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.computations._values import file_of, number, worst
from fathometer.computations.attention._clouds import BETA, CLOUD, about, cloud
from fathometer.study import Column, Computation, Computed, Real, Scalar, Switch

if TYPE_CHECKING:
    from fathometer.attention import Collapse, CollapseCertificate, ParticleSystem


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Follow the tokens to their last merger, and ask every theorem that speaks about it."""
    from fathometer.attention import simulate_collapse

    asked = dict(parameters)
    tolerance, check, verdicts = (asked.pop(name) for name in ("tolerance", "check", "verdicts"))
    system = cloud(**asked, seed=seed)
    found = simulate_collapse(system, tolerance=tolerance, check=check)
    values, arrays = _values(found), _arrays(found)
    if not verdicts:
        return Computed(values, arrays=arrays)
    proved, held = _proved(system, found, check)
    return Computed(values | {"certified_log_time": number(proved.certified.log_time)}, worst(held), arrays)


def _proved(system: "ParticleSystem", found: "Collapse", check: bool) -> "tuple[CollapseCertificate, list[Any]]":
    """What the states of the run certify, and all verdicts."""
    from fathometer import attention
    from fathometer.attention.dynamics.certified import merge_room

    run = attention.collapse_trajectory(system, found, check=check)
    proved = attention.collapse_certificate(run, merge_room(found.tolerance, system.beta))
    plateaus = attention.certified_staircase(system, found, run)
    late = (verdict for _, verdict in proved.verdicts())
    held = [*attention.run_verdicts(run), *attention.staircase_verdicts(found, plateaus), *late]
    return proved, held


def _values(found: "Collapse") -> dict[str, Scalar]:
    times = [event.log_time for event in found.events if event.log_time is not None]
    bars = found.log_time_of_collapse
    return {
        "log_time": number(bars),
        "log_time_error": number((bars.upper - bars.lower) / 2) if number(bars) is not None else None,
        "first_log_time": number(min(times, default=None)),
        "mergers": len(found.events),
        "clusters": found.clusters,
        "certified_log_time": None,
        "condition": number(found.condition),
        "ended": str(found.status),
        "force_evaluations": found.rhs_evaluations,
    }


def _arrays(found: "Collapse") -> dict[str, np.ndarray]:
    times = [np.nan if event.log_time is None else event.log_time for event in found.events]
    levels = [(level.clusters, level.energy) for level in found.energy_levels]
    clusters, energies = np.array(levels, float).reshape(-1, 2).T
    return {"event_log_time": np.array(times, float), "level_clusters": clusters, "level_energy": energies}


COMPUTATION = Computation(
    name="collapse",
    summary="tokens to their last merger in log time: times of mergers, a certified time, every theorem about it",
    parameters=CLOUD
    | {"beta": BETA, "tolerance": Real(1e-13, 1e-4, 1e-8), "check": Switch(True), "verdicts": Switch(True)},
    compute=compute,
    columns={
        "log_time": Column(float, "natural logarithm of the time of collapse"),
        "log_time_error": Column(float, "half the width of its error bar"),
        "first_log_time": Column(float, "natural logarithm of the time of the first merger after time 0"),
        "mergers": Column(int, "number of mergers"),
        "clusters": Column(int, "clusters left at the end"),
        "certified_log_time": Column(float, "natural logarithm of the time by which the collapse is certified"),
        "condition": Column(float, "change of log time per unit change of beta times the tokens"),
        "ended": Column(str, "how the run ended"),
        "force_evaluations": Column(int, "evaluations of the force in the run itself"),
    },
    axes={"event_log_time": ("event",), "level_clusters": ("level",), "level_energy": ("level",)},
    files={"points": file_of},
    about=about(
        "n",
        "dim",
        "points",
        "model",
        "beta",
        tolerance="error allowed in log time",
        check="whether to run again coarser and perturbed, for errors and condition",
        verdicts="whether to run once more for its states, and hold every theorem against them",
    ),
)
