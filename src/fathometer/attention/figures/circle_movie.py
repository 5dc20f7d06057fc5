"""F1: five tokens on the circle until they are one cluster, and what fixed steps do to the clock.

Parameters: Geshkovski, Koubbi, Polyanskiy and Rigollet (2024), from the authors' code. Expected numbers: a run of our
own with SciPy at rtol 1e-12, seen at multiples of 0.01, and the authors' scheme.
"""

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._layers import iterate_layers
from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._standard import UNIT_ENERGY
from fathometer.attention.observables.clusters._plateaus import energy_plateaus
from fathometer.attention.verdicts import applicable_verdicts
from fathometer.evidence import Trajectory
from fathometer.numerics import single_linkage
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Gallery, OnSphere, Role, film, level

POINTS = np.array(
    [
        [0.99806638, 0.06215705],
        [0.97712061, 0.21268594],
        [-0.24578194, 0.96932515],
        [-0.97354734, 0.2284854],
        [-0.99892629, -0.04632772],
    ]
)
BETA = 4.0
END = 400.0
PANELS = (0.0, 1.0, 3.0, 10.0, 320.0, 400.0)
GAP = 2 * np.sin(0.025)
"""Chord of 0.05 rad: tokens nearer than that are one cluster."""
EXPECTED = (1.16, 2.27, 5.09, 328.26)
STEPS = {0.1: ("1.3", "2.4", "5.6", "364.0"), 0.05: ("", "", "", "346.1"), 0.01: ("", "", "", "331.82")}


def draw(settings: FigureSettings) -> Figure:
    """Simulate the five tokens of the paper, and iterate the authors' scheme with three step sizes."""
    system = ParticleSystem.project(POINTS, BETA, Model.SA)
    fine = np.geomspace(0.01, END, 120 if settings.quick else 400)
    run = simulate(system, np.unique(np.concatenate([PANELS, fine, np.linspace(300.0, 340.0, 41)])))
    exact = np.exp([event.log_time or 0.0 for event in simulate_collapse(system, event_chord=GAP).events])
    steps = np.array(list(STEPS))
    schemes = np.array([_scheme_times(system, step) for step in steps])
    energy = np.asarray(run.observe(UNIT_ENERGY).value)
    charts = (_positions(run), _angle_chart(run), _energy_chart(run, energy), _clock_chart(steps, schemes, exact))
    data = {
        "times": run.axis.points,
        "points": run.states["points"],
        "energy": energy,
        "event_times": exact,
        "steps": steps,
        "scheme_times": schemes,
    }
    return Figure(
        "circle-movie",
        charts,
        (*_rows(run, exact), *_scheme_rows(schemes, exact)),
        data,
        tuple(("ordinary time", verdict) for verdict in applicable_verdicts(run)),
        {"gif": _film(run, 40 if settings.quick else 150)},
    )


def _scheme_times(system: ParticleSystem, step: float) -> Float[np.ndarray, "4"]:
    """When the authors' scheme has 4, 3, 2 and 1 clusters for the first time, to the layer.

    Layers are looked at once in a unit of time, and one by one in the units in which a cluster is lost.
    """
    every = round(1 / step)
    coarse = iterate_layers(system, round(1.15 * END) * every, step, every=every).states["points"]
    counts = np.array([single_linkage(state, GAP).max() + 1 for state in coarse])
    times = np.empty(4)
    for unit in np.flatnonzero(np.diff(counts)):
        start = ParticleSystem(coarse[unit], system.beta, system.model)
        fine = [single_linkage(x, GAP).max() + 1 for x in iterate_layers(start, every, step).states["points"]]
        for k in range(counts[unit + 1], counts[unit]):
            times[4 - k] = step * (unit * every + int(np.argmax(np.array(fine) <= k)))
    return times


def _rows(run: Trajectory, exact: Float[np.ndarray, "4"]) -> list[Comparison]:
    longest = max(energy_plateaus(run), key=lambda plateau: plateau.duration)
    end = run.states["points"][-1].mean(axis=0)
    rows = [
        Comparison(
            f"first time with {4 - i} cluster{'s' if i < 3 else ''} (multiples of 0.01)",
            f"{EXPECTED[i]:.2f}",
            f"{np.ceil(100 * exact[i]) / 100:.2f} ({exact[i]:.8g})",
        )
        for i in range(4)
    ]
    return [
        *rows,
        Comparison("energy on the longest plateau (13/25 in the limit)", "0.520", f"{longest.level.value:.3f}"),
        Comparison("angle of the last cluster", "1.8378871", f"{np.arctan2(end[1], end[0]):.7f}"),
    ]


def _scheme_rows(schemes: Float[np.ndarray, "3 4"], exact: Float[np.ndarray, "4"]) -> list[Comparison]:
    rows = []
    for (step, expected), times in zip(STEPS.items(), schemes, strict=True):
        rows += [
            Comparison(f"scheme of step {step:g}: {4 - i} cluster(s)", expected[i], f"{times[i]:g}")
            for i in range(4)
            if expected[i]
        ]
        dilation = f"{times[3] / exact[3]:.4f}"
        rows.append(Comparison(f"scheme of step {step:g}: last time over the true one", f"{1 + step:g}", dilation))
    return rows


def _positions(run: Trajectory) -> Gallery:
    points, times = run.states["points"], run.axis.points
    shown = [int(np.argmin(np.abs(times - time))) for time in PANELS]
    panels = tuple(OnSphere(f"t = {times[i]:.3g}", points[i], points[:i]) for i in shown)
    return Gallery("Tokens on the circle, SA, beta = 4", panels)


def _film(run: Trajectory, frames: int) -> bytes:
    """The positions at geometric times."""
    points, times = run.states["points"], run.axis.points
    shown = np.unique(np.linspace(0, len(times) - 1, frames).astype(int))
    return film([OnSphere(f"t = {times[i]:.3g}", points[i], points[:i]) for i in shown])


def _angle_chart(run: Trajectory) -> Chart:
    shown = np.unique(np.linspace(1, len(run.axis) - 1, 45).astype(int))
    places = run.states["points"][shown]
    angles = np.mod(np.arctan2(places[..., 1], places[..., 0]), 2 * np.pi)
    flat = Curve("tokens", np.repeat(run.axis.points[shown], 5), angles.ravel(), Role.MEASURED)
    return Chart("Two clusters for a long time", "time t", "angle (rad)", (flat,), log_x=True)


def _energy_chart(run: Trajectory, energy: Float[np.ndarray, " t"]) -> Chart:
    shown = np.unique(np.linspace(1, len(energy) - 1, 70).astype(int))
    times = run.axis.points[shown]
    curves = (
        level("13/25, clusters of 2 and 3", times, 13 / 25, Role.PREDICTED, 1),
        level("1, one cluster", times, 1.0, group=1),
        Curve("simulated", times, energy[shown], Role.MEASURED),
    )
    return Chart("The energy waits on a plateau", "time t", "unit energy EE", curves, log_x=True)


def _clock_chart(
    steps: Float[np.ndarray, " steps"], schemes: Float[np.ndarray, "steps 4"], exact: Float[np.ndarray, "4"]
) -> Chart:
    line = np.array([0.0, steps.max()])
    measured = [
        Curve(
            f"first time with {4 - i} cluster{'s' if i < 3 else ''}", steps, schemes[:, i] / exact[i], Role.MEASURED, i
        )
        for i in range(4)
    ]
    curves = (Curve("1 + step", line, 1 + line, Role.PREDICTED), *measured)
    return Chart("Fixed steps without projection are late", "step size", "time of the scheme / true time", curves)
