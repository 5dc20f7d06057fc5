"""Charts of the two thresholds: log time of collapse against beta, with the certified regions shaded."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.dynamics.certified import CollapseThreshold
from fathometer.attention.model._system import Model
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions._closed_forms import equiangular_log_time
from fathometer.evidence import text_down, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, Panel, Region, Role, Shaded, level

BETA = "inverse temperature beta"
LOG_TIME = "natural log of the time of collapse"


class LayerThreshold(NamedTuple):
    """The thresholds of the tokens of one layer.

    Attributes:
        layer: its number.
        threshold: of its tokens.
        fitted_beta: inverse temperature that fits the layer; None if there is none.
    """

    layer: int
    threshold: CollapseThreshold
    fitted_beta: float | None


def threshold_figure(
    name: str, found: CollapseThreshold, tokens: int, model: Model, layers: Sequence[LayerThreshold] = ()
) -> Figure:
    """Draw the certified and the measured times of collapse at every inverse temperature, and thresholds by layer.

    Args:
        name: of the figure.
        found: the thresholds.
        tokens: how many tokens there are, for the closed form of as many orthogonal ones.
        model: SA or USA.
        layers: thresholds of the layers of a network; empty for none.
    """
    charts: tuple[Panel, ...] = (whole_chart(found), near_chart(found, tokens, model))
    if layers:
        charts = (*charts, layers_chart(layers))
    data = {
        "betas": found.betas,
        "log_times": np.array([run.measured.value for run in found.runs], float),
        "certified_log_times": np.array([run.certified.log_time for run in found.runs]),
        "apart_until": _apart(found),
    }
    return Figure(name, charts, threshold_rows(found), data, title="When does the collapse become slow?")


def threshold_rows(found: CollapseThreshold) -> tuple[Comparison, ...]:
    """Certified interval beside the measured log time, for every inverse temperature."""
    return tuple(
        Comparison(
            f"log time of collapse, beta = {beta:.5g}",
            _interval(apart, run.certified.log_time),
            str(run.measured),
        )
        for beta, run, apart in zip(found.betas, found.runs, _apart(found), strict=True)
    )


def whole_chart(found: CollapseThreshold) -> Shaded:
    """Chart all of the grid, with both axes logarithmic.

    Args:
        found: the thresholds.
    """
    chart = Chart("Time of collapse", BETA, LOG_TIME, _curves(found, positive=True), log_x=True, log_y=True)
    return Shaded(chart, _regions(found))


def near_chart(found: CollapseThreshold, tokens: int, model: Model) -> Shaded:
    """Chart the part of the grid where the collapse passes the horizon, beside the curve of orthogonal tokens.

    Args:
        found: the thresholds.
        tokens: how many orthogonal tokens.
        model: SA or USA.
    """
    values = np.array([run.measured.value for run in found.runs], float)
    near = values < max(4 * math.log(found.horizon), 12.0)
    end = float(found.betas[near][-1]) if np.any(near) else float(found.betas[0])
    grid = np.linspace(float(found.betas[0]), max(end, float(found.betas[min(1, len(found.betas) - 1)])), 100)
    curves = (
        *_curves(found, shown=near),
        Curve(
            f"closed form, {tokens} orthogonal tokens", grid, orthogonal_log_times(grid, tokens, model), Role.LIMIT, 2
        ),
        level(f"horizon {found.horizon:g}", grid, math.log(found.horizon)),
    )
    return Shaded(Chart("Where it passes the horizon", BETA, LOG_TIME, curves), _regions(found, float(grid[-1])))


def layers_chart(layers: Sequence[LayerThreshold]) -> Chart:
    """Chart both thresholds and the fitted inverse temperature, layer by layer.

    Args:
        layers: at least one.
    """
    numbers = np.array([one.layer for one in layers], float)

    def curve(label: str, values: Sequence[float | None], role: Role, group: int) -> Curve:
        return Curve(label, numbers, np.array([np.nan if v is None else v for v in values]), role, group)

    curves = (
        curve("collapse is certified in time up to here", [o.threshold.beta_exp for o in layers], Role.PREDICTED, 0),
        curve("clusters are certified from here on", [o.threshold.beta_meta for o in layers], Role.PREDICTED, 1),
        curve("fitted to the layer", [o.fitted_beta for o in layers], Role.MEASURED, 2),
    )
    ticks = tuple(numbers) if len(numbers) <= 16 else ()
    return Chart("Layers of the network", "layer", BETA, curves, log_y=True, x_ticks=ticks)


def orthogonal_log_times(betas: Float[np.ndarray, " b"], tokens: int, model: Model) -> Float[np.ndarray, " b"]:
    """Log of the time in which orthogonal tokens come within the chord of one cluster: uniform ones as d grows.

    Args:
        betas: inverse temperatures.
        tokens: how many, at least 2.
        model: SA or USA.
    """
    ends = [1 - default_resolution(beta) ** 2 / 2 for beta in betas]
    return np.array(
        [equiangular_log_time(0.0, end, tokens, beta, model).value for beta, end in zip(betas, ends, strict=True)]
    )


def _curves(
    found: CollapseThreshold, shown: Bool[np.ndarray, " b"] | None = None, positive: bool = False
) -> tuple[Curve, ...]:
    upper = np.array([run.certified.log_time for run in found.runs])
    measured = np.array([run.measured.value for run in found.runs], float)
    lower = _apart(found)
    seen = np.ones(len(found.betas), bool) if shown is None else np.asarray(shown, bool)
    if positive:
        seen = seen & (measured > 0)
    at = found.betas[seen]

    def clean(values: Float[np.ndarray, " b"]) -> Float[np.ndarray, " shown"]:
        good = np.isfinite(values) & ((values > 0) if positive else True)
        return np.where(good, values, np.nan)[seen]

    return (
        Curve("one cluster at the latest (certified)", at, clean(upper), Role.PREDICTED),
        Curve("not one cluster before (certified)", at, clean(lower), Role.PREDICTED, 1),
        Curve("measured", at, clean(measured), Role.MEASURED),
    )


def _apart(found: CollapseThreshold) -> Float[np.ndarray, " b"]:
    """Logs of times until which two clusters are certified to be apart, by the better of the two certificates."""
    windows = zip(found.caps.windows, (run.plateau for run in found.runs), strict=True)
    return np.array([max((one.log_end for one in pair if one is not None), default=-np.inf) for pair in windows])


def _regions(found: CollapseThreshold, end: float = math.inf) -> tuple[Region, ...]:
    fast = () if found.beta_exp is None else (Region("collapse certified in time", None, found.beta_exp),)
    meta = found.beta_meta
    slow = () if meta is None or meta > end else (Region("clusters certified to stay", meta, None),)
    return (*fast, *slow)


def _interval(lower: float, upper: float) -> str:
    """Both proved ends, rounded outward; a dash where nothing is certain."""
    ends = (text_down(lower) if math.isfinite(lower) else "-", text_up(upper) if math.isfinite(upper) else "-")
    return " to ".join(ends)
