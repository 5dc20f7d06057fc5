"""The figure of `fathometer attention noise`: what theory says beside particles and the one-dimensional equation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics.variants import NoiseCurve, StationaryBranch
from fathometer.report import Chart, Comparison, Curve, Figure, Region, Role, Shaded

Line = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Inverse noises and order parameters; NaN where the line is broken."""


def noise_figure(branch: StationaryBranch, curve: NoiseCurve, settings: dict[str, Any]) -> Figure:
    """Order parameter against kappa: stable laws solid, unstable ones dashed, what was measured on top.

    Args:
        branch: the stationary laws.
        curve: what was measured.
        settings: model, particles.
    """
    ends = float(curve.kappas.min()), float(curve.kappas.max())
    stable, unstable = _lines(branch, ends)
    curves = [
        Curve("stable laws", *stable, Role.PREDICTED),
        Curve("unstable laws", *unstable, Role.PREDICTED),
    ]
    below = np.linspace(ends[0], branch.kappa[0], 400, endpoint=False)
    if settings["particles"]:
        size = 1 / np.sqrt(settings["particles"] * (1 - below / branch.kappa[0]))
        shown = size < 0.5
        label = f"finite size, N = {settings['particles']}"
        curves.append(Curve(label, below[shown], size[shown], Role.LIMIT, 5))
    for group, (name, estimate) in enumerate(curve.equation.items(), 3):
        curves.append(Curve(f"equation, from {name}", curve.kappas, estimate.value, Role.MEASURED, group))
    for group, (name, estimate) in enumerate((curve.particles or {}).items(), 1):
        curves.append(Curve(f"particles, from {name}", curve.kappas, estimate, Role.MEASURED, group))
    chart = Chart(
        f"{settings['model'].upper()} with noise, d = {branch.dim}, beta = {branch.beta:g}",
        "inverse noise kappa (time unit of the model)",
        "order parameter |mean of x|",
        tuple(curves),
        "Solid: stable stationary laws of infinitely many tokens; dashed: unstable ones. Markers: the one-dimensional"
        " equation, and particles with intervals of 95 % over clouds; below the onset N of them cannot be less than"
        " about 1/sqrt(N (1 - kappa/kappa_c)).",
    )
    loop = branch.hysteresis
    regions = () if loop is None else (Region("hysteresis", float(loop.kappa_fold.value), float(branch.kappa[0])),)
    rows = tuple(
        Comparison(
            f"order parameter at kappa = {kappa:.5g}",
            stable_orders_text(branch, kappa),
            ", ".join(f"{np.asarray(part.value)[i]:.4f}" for part in curve.equation.values()),
        )
        for i, kappa in enumerate(curve.kappas)
    )
    data = {"branch_kappa": branch.kappa, "branch_order": branch.order, "branch_stable": branch.stable}
    data |= {"kappa": curve.kappas} | {f"equation_{name}": np.asarray(e.value) for name, e in curve.equation.items()}
    data |= {f"particles_{name}": np.asarray(e.value) for name, e in (curve.particles or {}).items()}
    return Figure("attention-noise", (Shaded(chart, regions),), rows, data)


def _lines(branch: StationaryBranch, ends: tuple[float, float]) -> tuple[Line, Line]:
    """Stable and unstable laws as broken lines, the uniform law with them."""
    onset, gap = float(branch.kappa[0]), np.array([np.nan])
    kappa, order, is_stable = _until(branch, ends[1])
    inside = (kappa >= ends[0]) & (kappa <= ends[1])
    # a point between two kinds belongs to both lines
    stable = is_stable | np.append(is_stable[1:], False)
    unstable = ~is_stable | np.append(False, ~is_stable[:-1])
    lines = []
    for uniform, kind in (((min(ends[0], onset), onset), stable), ((onset, max(ends[1], onset)), unstable)):
        x = np.concatenate([uniform, gap, np.where(inside & kind, kappa, np.nan)])
        lines.append((x, np.concatenate([[0.0, 0.0], gap, order])))
    return lines[0], lines[1]


def _until(
    branch: StationaryBranch, kappa: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The branch with the stable law at a kappa, which is between two of its points, put where it belongs."""
    orders, before = branch.stable_orders(kappa)[-1:], np.flatnonzero(branch.kappa < kappa)[-1:]
    place = before[: len(orders)] + 1
    parts = ((branch.kappa, kappa), (branch.order, orders), (branch.stable, True))
    return tuple(np.insert(values, place, new if len(place) else []) for values, new in parts)  # type: ignore[return-value]


def stable_orders_text(branch: StationaryBranch, kappa: float) -> str:
    """Order parameters of all stable laws at a kappa, the uniform one first; a question mark where none is known.

    Args:
        branch: the stationary laws.
        kappa: inverse noise.
    """
    uniform = ["0"] if kappa <= branch.kappa[0] else []
    return " or ".join([*uniform, *(f"{order:.4f}" for order in branch.stable_orders(kappa))]) or "?"
