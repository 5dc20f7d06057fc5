"""F3: tokens on the sphere of R^3 on their way to one cluster.

Parameters: Geshkovski, Letrouit, Polyanskiy and Rigollet (2023), from the authors' code: 64 uniform tokens, beta = 1,
up to time 15.
"""

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._cosines import cosine_histogram
from fathometer.attention.observables._standard import CLUSTER_COUNT, UNIT_ENERGY
from fathometer.attention.observables.clusters._gaps import DIAMETER
from fathometer.attention.predictions._random_clouds import mean_uniform_energy
from fathometer.attention.verdicts import applicable_verdicts
from fathometer.evidence import Trajectory
from fathometer.report import (
    Chart,
    Comparison,
    Curve,
    Figure,
    FigureSettings,
    Gallery,
    Histogram,
    OnSphere,
    Role,
    level,
)

N = 64
END = 15.0
PANELS = (0.0, 2.0, 4.0, 5.0, 6.0, 15.0)
TAIL = 10.0
"""From here on the tokens are one cluster that contracts at its linear rate."""


def draw(settings: FigureSettings, model: str = "sa", beta: float = 1.0) -> Figure:
    """Simulate 64 uniform tokens on the sphere.

    Args:
        settings: of all figures.
        model: "sa" or "usa".
        beta: inverse temperature, >= 0.
    """
    system = ParticleSystem.uniform(N, 3, beta, model, settings.seed)
    run = simulate(system, np.linspace(0.0, END, 61))
    diameter, energy = (np.asarray(run.observe(seen).value) for seen in (DIAMETER, UNIT_ENERGY))
    charts = (_positions(run), _cosine_chart(run), _energy_chart(run, energy), _diameter_chart(run, diameter))
    data = {"times": run.axis.points, "points": run.states["points"], "diameter": diameter, "energy": energy}
    verdicts = tuple(("ordinary time", verdict) for verdict in applicable_verdicts(run))
    return Figure("sphere", charts, tuple(_rows(run, diameter, energy)), data, verdicts)


def tail_rate(times: Float[np.ndarray, " t"], diameter: Float[np.ndarray, " t"]) -> float:
    """Rate at which the diameter falls at late times, by regression of its logarithm."""
    late = times >= TAIL
    return float(-np.polyfit(times[late], np.log(diameter[late]), 1)[0])


def _rows(run: Trajectory, diameter: Float[np.ndarray, " t"], energy: Float[np.ndarray, " t"]) -> list[Comparison]:
    times, system = run.axis.points, ParticleSystem.expect(run.problem)
    start = mean_uniform_energy(N, 3, system.beta)
    return [
        Comparison("energy of 64 uniform tokens: mean over draws, and here", f"{start.value:.4f}", f"{energy[0]:.4f}"),
        Comparison(
            "clusters at the end (almost every start, dimension 3)",
            "1",
            f"{np.asarray(run.observe(CLUSTER_COUNT).value)[-1]:.0f}",
        ),
        Comparison("rate of the last cluster, from time 10 on", "1", f"{tail_rate(times, diameter):.4f}"),
    ]


def _positions(run: Trajectory) -> Gallery:
    points, times = run.states["points"], run.axis.points
    shown = [int(np.argmin(np.abs(times - time))) for time in PANELS]
    view = _view(points[-1].mean(axis=0))
    panels = tuple(
        OnSphere(f"t = {times[i]:g}", points[i], points[max(0, i - 4) : i] if i else None, view) for i in shown
    )
    system = ParticleSystem.expect(run.problem)
    title = f"64 tokens, {system.model.upper()}, beta = {system.beta:g}"
    return Gallery(title, panels)


def _view(place: Float[np.ndarray, "3"]) -> tuple[float, float]:
    """A place to look from, from where the last cluster is a little off the middle."""
    azimuth, elevation = np.arctan2(place[1], place[0]), np.arcsin(np.clip(place[2] / np.linalg.norm(place), -1, 1))
    return float(np.rad2deg(azimuth) - 25), float(np.clip(np.rad2deg(elevation) - 15, -60, 60))


def _cosine_chart(run: Trajectory) -> Histogram:
    shown = [int(np.argmin(np.abs(run.axis.points - time))) for time in (0.0, 2.0, 4.0)]
    masses = ParticleSystem.expect(run.problem).masses
    edges, densities = cosine_histogram(run.states["points"][shown], masses, bins=20)
    named = {f"t = {run.axis.points[i]:g}": density for i, density in zip(shown, densities, strict=True)}
    uniform = {"uniform law: 1/2": np.full(20, 0.5)}
    return Histogram("Cosines between tokens", "cosine of a pair", "density", edges, named | uniform)


def _energy_chart(run: Trajectory, energy: Float[np.ndarray, " t"]) -> Chart:
    times = run.axis.points
    curves = (level("1, one cluster", times, 1.0), Curve("simulated", times, energy, Role.MEASURED))
    return Chart("The energy rises to one cluster", "time t", "unit energy EE", curves)


def _diameter_chart(run: Trajectory, diameter: Float[np.ndarray, " t"]) -> Chart:
    times = run.axis.points
    late = times >= TAIL - 4
    anchor = diameter[np.searchsorted(times, TAIL)]
    line = Curve("exp(-t), the linear rate", times[late], anchor * np.exp(TAIL - times[late]), Role.PREDICTED, 1)
    curves = (Curve("simulated", times, diameter, Role.MEASURED), line)
    return Chart("The last cluster contracts at rate 1", "time t", "largest distance of two tokens", curves, log_y=True)
