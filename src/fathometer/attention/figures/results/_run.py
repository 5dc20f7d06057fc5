"""The drawing of one run: energy, clusters, cosines, and the tokens themselves on the circle and the sphere."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import UNIT_ENERGY
from fathometer.evidence import Estimate, Trajectory
from fathometer.report import Chart, Comparison, Curve, Figure, OnSphere, Role, level

FRAMES = 120
"""Of a film, at most."""

MARKED = 60
"""Markers of one curve, at most."""

TRACED = 64
"""Tokens up to which their ways are drawn."""

FILMED = 2000
"""Tokens that are shown on the circle or the sphere, at most: the first ones."""

LABELS = {
    "unit_energy": ("Energy", "unit energy (1 = one cluster)"),
    "cluster_count": ("Clusters", "clusters at the chord 0.1/sqrt(max(1, beta))"),
    "mean_cosine": ("Mean cosine", "mean cosine of pairs of tokens"),
}


def run_figure(
    run: Trajectory, observed: Mapping[str, Estimate], along: str = "time (units of the model)", variant: str = ""
) -> Figure:
    """Draw a run: what was observed along time, with the energy that its dissipation predicts beside it.

    Args:
        run: along time, with states "points", shape (t, n, d), if they were kept.
        observed: estimates along the run, by name.
        along: label of the axis, with its unit.
        variant: what the tokens have besides the plain model, for the title.
    """
    shown = _shown(len(run.axis), MARKED)
    charts = [
        _chart(run, name, estimate, shown, along)
        for name, estimate in observed.items()
        if estimate.shape == (len(run.axis),)
    ]
    data = {"times": run.axis.points} | {name: np.asarray(estimate.value) for name, estimate in observed.items()}
    frames = token_frames(run)
    return Figure(
        "attention-run",
        (*charts, *frames[-1:]),
        tuple(_rows(run, observed)),
        data,
        title=", ".join(filter(None, (_named(_system(run)), variant))),
        frames=frames,
    )


def token_frames(run: Trajectory, name: str = "t") -> tuple[OnSphere, ...]:
    """The tokens on the circle or the sphere, from the first state to the last; none in other dimensions.

    Args:
        run: with states "points", shape (t, n, d), or without.
        name: of the axis, in the titles.
    """
    points = run.states.get("points")
    if points is None or points.ndim != 3 or points.shape[2] not in (2, 3):
        return ()
    points, at = points[:, :FILMED], run.axis.points
    few = points.shape[1] <= TRACED
    return tuple(
        OnSphere(f"{name} = {at[i]:.3g}", points[i], points[:i] if few and i else None) for i in _shown(len(at), FRAMES)
    )


def _named(system: ParticleSystem) -> str:
    return f"{len(system.points)} tokens, {system.model.upper()}, beta = {system.beta:g}"


def _system(run: Trajectory) -> ParticleSystem:
    return ParticleSystem.expect(run.problem)


def _shown(length: int, most: int) -> Int[np.ndarray, " s"]:
    return np.unique(np.linspace(0, length - 1, min(length, most)).astype(int))


def _chart(run: Trajectory, name: str, estimate: Estimate, shown: Int[np.ndarray, " s"], along: str) -> Chart:
    title, label = LABELS.get(name, (name.replace("_", " "), name.replace("_", " ")))
    at = run.axis.points
    later = shown[at[shown] > 0]
    curves: list[Curve] = []
    if name == "unit_energy" and (predicted := _dissipated(run)) is not None:
        curves.append(Curve("start + dissipated", at[1:], predicted[1:], Role.PREDICTED, 1))
    if name == "cluster_count":
        curves.append(level("one cluster", at[later], 1.0, group=1))
    value, lower, upper = (np.asarray(end)[later] for end in (estimate.value, estimate.lower, estimate.upper))
    part = Estimate(value, lower, upper, estimate.kind)
    curves.append(Curve("measured", at[later], part, Role.MEASURED))
    return Chart(title, along, label, tuple(curves), log_x=True)


def _dissipated(run: Trajectory) -> Float[np.ndarray, " t"] | None:
    """The energy at the start and what the motion has dissipated since; None where that was not integrated."""
    if "dissipated" not in run.states:
        return None
    start = float(np.asarray(run.until(run.axis.points[0]).observe(UNIT_ENERGY).value)[0])
    return start + 2 * _system(run).beta * np.asarray(run.states["dissipated"])


def _rows(run: Trajectory, observed: Mapping[str, Estimate]) -> list[Comparison]:
    rows = []
    predicted = _dissipated(run) if "unit_energy" in observed else None
    if predicted is not None:
        last = float(np.asarray(observed["unit_energy"].value)[-1])
        rows.append(Comparison("unit energy at the end (from the dissipation)", f"{predicted[-1]:.6g}", f"{last:.6g}"))
    return (
        rows
        + [
            Comparison(event.name, "", f"at {event.at.value:.6g}")
            for event in run.events
            if np.isfinite(event.at.value)
        ][-12:]
    )
