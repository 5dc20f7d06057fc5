"""F9: the two thresholds of n = 32 uniform tokens in dimension 2 to 128, beside the curve of the literature.

The phase diagrams of Geshkovski, Letrouit, Polyanskiy and Rigollet (2023) show, for 32 tokens and times up to 30, where
uniform tokens have met; in high dimension the boundary is the curve of orthogonal tokens. Here both sides of it are
proved for one cloud of each dimension.
"""

import dataclasses
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.certified import collapse_at, in_their_span
from fathometer.attention.figures._threshold import BETA, LOG_TIME, orthogonal_log_times
from fathometer.attention.model._system import ParticleSystem, read_model
from fathometer.evidence import text_down, text_up
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level
from fathometer.study import Arrays, Cell, run_cells

N = 32
DIMENSIONS, QUICK = (2, 4, 8, 16, 32, 64, 128), (3, 64)
HORIZON = 30.0
LOG_HORIZON = math.log(HORIZON)
BETAS, QUICK_BETAS = np.linspace(0.5, 9.5, 19), np.linspace(2.0, 8.0, 3)


def draw(settings: FigureSettings, model: str = "sa") -> Figure:
    """Certify and measure at 19 inverse temperatures in seven dimensions; `quick` takes 3 in two.

    Args:
        settings: of all figures.
        model: "sa" or "usa".
    """
    kind = read_model(model)
    dimensions, betas = (QUICK, QUICK_BETAS) if settings.quick else (DIMENSIONS, BETAS)
    cells = [
        {"threshold": d, "n": N, "beta": float(beta), "model": str(kind), "seed": settings.seed}
        for d in dimensions
        for beta in betas
    ]
    results = run_cells(cells, in_float64(_compute), settings.folder, settings.announce)
    measured, latest, earliest = (
        np.array([float(cell[key]) for cell in results]).reshape(len(dimensions), -1)
        for key in ("measured", "latest", "earliest")
    )
    curve = orthogonal_log_times(betas, N, kind)
    literature = _passing(fine := np.linspace(betas[0], betas[-1], 400), orthogonal_log_times(fine, N, kind))
    limits = [_limits(betas, *rows) for rows in zip(latest, earliest, measured, strict=True)]
    charts = (_times(betas, dimensions, measured, curve), _limits_chart(dimensions, limits, literature))
    rows = tuple(_row(d, limit, literature) for d, limit in zip(dimensions, limits, strict=True))
    data = {"betas": betas, "dimensions": np.array(dimensions), "curve": curve}
    data |= {"measured": measured, "latest": latest, "earliest": earliest}
    return Figure(f"threshold-{kind}", charts, rows, data)


def _compute(cell: Cell) -> Arrays:
    """Log time of collapse at one inverse temperature, and what is certified on both sides of it."""
    system = in_their_span(ParticleSystem.uniform(cell["n"], cell["threshold"], 1.0, cell["model"], cell["seed"]))
    run = collapse_at(dataclasses.replace(system, beta=cell["beta"]))
    earliest = -np.inf if run.plateau is None else run.plateau.log_end
    return {
        "measured": np.asarray(run.measured.value),
        "latest": np.asarray(run.certified.log_time),
        "earliest": np.asarray(earliest),
    }


class _Limits(NamedTuple):
    """Inverse temperatures where the time of collapse passes the horizon, in one dimension; NaN where there is none.

    Attributes:
        in_time: up to here it is certified to be below.
        late: from here on it is certified to be above.
        measured: where it passes, by interpolation.
    """

    in_time: float
    late: float
    measured: float


def _limits(
    betas: Float[np.ndarray, " b"],
    latest: Float[np.ndarray, " b"],
    earliest: Float[np.ndarray, " b"],
    measured: Float[np.ndarray, " b"],
) -> _Limits:
    fast = [*(latest <= LOG_HORIZON).tolist(), False].index(False)
    slow = [*(earliest[::-1] > LOG_HORIZON).tolist(), False].index(False)
    return _Limits(
        float(betas[fast - 1]) if fast else np.nan,
        float(betas[-slow]) if slow else np.nan,
        _passing(betas, measured),
    )


def _passing(betas: Float[np.ndarray, " b"], log_times: Float[np.ndarray, " b"]) -> float:
    """Inverse temperature at which log times that rise pass the horizon; NaN if they do not."""
    if not log_times[0] < LOG_HORIZON < log_times[-1]:
        return np.nan
    return float(np.interp(LOG_HORIZON, np.maximum.accumulate(log_times), betas))


def _times(
    betas: Float[np.ndarray, " b"],
    dimensions: Sequence[int],
    measured: Float[np.ndarray, "d b"],
    curve: Float[np.ndarray, " b"],
) -> Chart:
    shown = np.unique(np.linspace(0, len(dimensions) - 1, 4).astype(int))
    curves = (
        Curve("closed form, d to infinity", betas, curve, Role.PREDICTED),
        *(Curve(f"d = {dimensions[i]}", betas, measured[i], Role.MEASURED, k + 1) for k, i in enumerate(shown)),
        level(f"horizon {HORIZON:g}", betas, LOG_HORIZON),
    )
    return Chart(f"{N} uniform tokens, one cloud each", BETA, LOG_TIME, curves)


def _limits_chart(dimensions: Sequence[int], limits: Sequence[_Limits], literature: float) -> Chart:
    at = np.array(dimensions, float)
    curves = (
        Curve("one cluster in time, certified up to here", at, np.array([x.in_time for x in limits]), Role.PREDICTED),
        Curve("not in time, certified from here on", at, np.array([x.late for x in limits]), Role.PREDICTED, 1),
        Curve("measured", at, np.array([x.measured for x in limits]), Role.MEASURED, 2),
        level("closed form, d to infinity", at, literature),
    )
    title = f"Where the time of collapse passes {HORIZON:g}"
    return Chart(title, "dimension d", BETA, curves, log_x=True)


def _row(dimension: int, limits: _Limits, literature: float) -> Comparison:
    ends = f"between {text_down(limits.in_time, 3)} and {text_up(limits.late, 3)} (certified)"
    proved = f"{ends}; {literature:.4g} for d to infinity"
    return Comparison(f"beta at which collapse takes {HORIZON:g}, d = {dimension}", proved, f"{limits.measured:.4g}")
