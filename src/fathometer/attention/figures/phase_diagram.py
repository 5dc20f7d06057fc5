"""F4: the (time, beta) phase diagram of random tokens, with the closed form of orthogonal ones over it.

Parameters: Geshkovski, Letrouit, Polyanskiy and Rigollet (2023), from the authors' code: 32 tokens, 2048 systems for
each of 90 values of beta, 200 times up to 30 (SA) or 1 (USA, kernel exp(beta <x, y>)); pairs with cosine above 0.999.
"""

import time
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._phase import Score, phase_curve_beta, phase_diagram
from fathometer.attention.model._system import Model, read_model
from fathometer.attention.predictions._closed_forms import equiangular_log_time
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, HeatMap, Role
from fathometer.study import Arrays, Cell, run_cells

N = 32
SYSTEMS, QUICK_SYSTEMS = 2048, 64
COSINE = 0.999
ENDS = {Model.SA: 30.0, Model.USA: 1.0}
CURVE = {10.0: "5.10990430939", 15.0: "5.89409922967", 20.0: "6.34473973851", 30.0: "6.90645864758"}
"""Inverse temperature at which 32 orthogonal tokens take that time (SA)."""


def draw(settings: FigureSettings, dim: int = 2, model: str = "sa", score: str = "identity") -> Figure:
    """Follow 2048 systems at each of 90 values of beta; `quick` takes 64 at 10.

    Args:
        settings: of all figures.
        dim: dimension d, >= 2.
        model: "sa" or "usa".
        score: name of a `Score`, the law of Q^T K.
    """
    kind = read_model(model)
    betas = np.linspace(0.1, 9, 10 if settings.quick else 90)
    times = np.linspace(0, ENDS[kind], 41 if settings.quick else 201)[1:]
    systems = settings.runs(SYSTEMS, QUICK_SYSTEMS)
    cells = [
        {"phase": float(beta), "number": i, "n": N, "dim": dim, "model": str(kind), "score": score, "systems": systems,
         "times": [float(times[0]), float(times[-1]), len(times)], "seed": settings.seed}
        for i, beta in enumerate(betas)
    ]  # fmt: skip
    results = run_cells(cells, in_float64(_compute), settings.folder, _with_estimate(settings.announce, len(cells)))
    fraction = np.stack([cell["fraction"] for cell in results])
    grid = np.linspace(betas[0], betas[-1], 300)
    closed, smooth = _closed_form(betas, kind), (grid, _closed_form(grid, kind))
    title = f"{kind.upper()}: {N} uniform tokens, d = {dim}" + ("" if score == "identity" else f", {score} Q^T K")
    charts = (
        *(_map(title, times, betas, fraction, smooth, log) for log in (False, True)),
        _half_chart(times, betas, fraction, smooth),
        _end_chart(times, betas, fraction, systems),
    )
    data = {"betas": betas, "times": times, "fraction": fraction, "closed_form": closed}
    rows = _rows(kind, score, times, betas, fraction, closed)
    return Figure(f"phase-diagram-{kind}-d{dim}" + ("" if score == "identity" else f"-{score}"), charts, rows, data)


def _compute(cell: Cell) -> Arrays:
    low, high, count = cell["times"]
    diagram = phase_diagram(
        cell["n"],
        cell["dim"],
        [cell["phase"]],
        np.linspace(low, high, count),
        cell["model"],
        systems=cell["systems"],
        seed=int(np.random.SeedSequence([cell["seed"], cell["number"]]).generate_state(1)[0]),
        cosine=COSINE,
        raw_time=cell["model"] == Model.USA,
        score=cell["score"],
    )
    return {"fraction": np.asarray(diagram.fraction.value)[0]}


def _closed_form(betas: Float[np.ndarray, " b"], model: Model) -> Float[np.ndarray, " b"]:
    """Time of orthogonal tokens in the unit of the diagram."""
    logs = np.array([equiangular_log_time(0.0, COSINE, N, beta, model).value for beta in betas])
    return np.exp(logs - (betas if model is Model.USA else 0.0))


def _with_estimate(announce: Callable[[str], None] | None, total: int) -> Callable[[str], None] | None:
    """Add to what is announced how much longer it takes at the pace so far."""
    if announce is None:
        return None
    start, told = time.monotonic(), 0

    def more(text: str) -> None:
        nonlocal told
        told += 1
        left = (time.monotonic() - start) / told * (total - told)
        announce(f"{text}, about {left / 60:.1f} min left")

    return more


def meeting_times(
    times: Float[np.ndarray, " t"], fraction: Float[np.ndarray, "b t"], share: float = 0.5
) -> Float[np.ndarray, " b"]:
    """Time at which a share of the pairs has met, by interpolation; NaN where it has not.

    Args:
        times: shape (t,), positive, increasing.
        fraction: of the pairs that have met, for each beta and time.
        share: in (0, 1].
    """
    met = np.maximum.accumulate(np.column_stack([np.zeros(len(fraction)), fraction]), axis=1)
    grid = np.append(0.0, times)
    return np.array([np.interp(share, row, grid) if row[-1] >= share else np.nan for row in met])


def _rows(
    model: Model,
    score: str,
    times: Float[np.ndarray, " t"],
    betas: Float[np.ndarray, " b"],
    fraction: Float[np.ndarray, "b t"],
    closed: Float[np.ndarray, " b"],
) -> tuple[Comparison, ...]:
    rows = []
    if model is Model.SA and score == Score.IDENTITY:
        rows = [
            Comparison(
                f"closed form: beta of time {at:g}, 32 orthogonal tokens",
                known,
                f"{phase_curve_beta(at, N).value:.12g}",
            )
            for at, known in CURVE.items()
        ]
    half = meeting_times(times, fraction)
    for i in np.unique(np.linspace(0, len(betas) - 1, 6).astype(int)):
        measured = f"{half[i]:.4g}" if np.isfinite(half[i]) else f"above {times[-1]:g}"
        rows.append(
            Comparison(
                f"time until half of the pairs have met, beta {betas[i]:.3g}",
                f"{closed[i]:.4g} (d to infinity)",
                measured,
            )
        )
    return tuple(rows)


def _map(
    title: str,
    times: Float[np.ndarray, " t"],
    betas: Float[np.ndarray, " b"],
    fraction: Float[np.ndarray, "b t"],
    smooth: tuple[Float[np.ndarray, " g"], Float[np.ndarray, " g"]],
    log: bool,
) -> HeatMap:
    grid, closed = smooth
    shown = closed <= times[-1]
    curve = Curve("closed form, d to infinity", closed[shown], grid[shown], Role.PREDICTED, 2)
    z_label = f"share of pairs with cosine above {COSINE:g}" + (" (log)" if log else "")
    curves = (curve,) if np.any(shown) else ()
    return HeatMap(title, "time t", "inverse temperature beta", z_label, times, betas, fraction, curves, log_z=log)


def _half_chart(
    times: Float[np.ndarray, " t"],
    betas: Float[np.ndarray, " b"],
    fraction: Float[np.ndarray, "b t"],
    smooth: tuple[Float[np.ndarray, " g"], Float[np.ndarray, " g"]],
) -> Chart:
    every = max(1, len(betas) // 30)
    curves = [Curve("closed form, d to infinity", *smooth, Role.PREDICTED, 2)]
    for number, share in enumerate((0.1, 0.5, 0.9)):
        met = meeting_times(times, fraction, share)
        if np.any(np.isfinite(met)):
            label = f"{share:.0%} of the pairs have met".replace("%", " %")
            curves.append(Curve(label, betas[::every], met[::every], Role.MEASURED, number))
    return Chart("When pairs meet", "inverse temperature beta", "time t", tuple(curves), log_y=True)


def _end_chart(
    times: Float[np.ndarray, " t"], betas: Float[np.ndarray, " b"], fraction: Float[np.ndarray, "b t"], systems: int
) -> Chart:
    every = max(1, len(betas) // 30)
    curves = tuple(
        Curve(f"t = {times[i]:.3g}", betas[::every], fraction[::every, i], Role.MEASURED, number)
        for number, i in enumerate((len(times) // 4 - 1, len(times) // 2 - 1, len(times) - 1))
    )
    title = f"Pairs that have met, mean of {systems} systems"
    return Chart(title, "inverse temperature beta", f"share with cosine above {COSINE:g}", curves)
