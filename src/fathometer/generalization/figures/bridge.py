"""The bridge: every route to uniform convergence, its gap against sample size and dimension, and the true supremum."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Axis, AxisKind, Estimate, Origin, Trajectory, Verdict, text_up
from fathometer.generalization.bounds._all_predictors import best_uniform
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._complexity import best_chaining
from fathometer.generalization.coverage.linear import mean_lengths
from fathometer.generalization.figures._bridge_certificates import (
    MEASURED,
    ROUTES as CERTIFIED,
    ROWS,
    certificates_chart,
    certified,
)
from fathometer.generalization.figures._bridge_tables import GAPS, INCREMENTS, WIDTHS
from fathometer.generalization.ledger._certified_risk import CertifiedRisk
from fathometer.generalization.theorems import rademacher_linear, smooth_gauss, w1_route_a
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, series
from fathometer.study import run_cells

DELTA, LIPSCHITZ, RADIUS = 0.05, 0.5, 1.0
FIXED_M, FIXED_DIM = 10_000, 10
SIZES = np.array([100, 300, 1000, 3000, 10_000, 30_000, 100_000])
DIMENSIONS = np.array([1, 2, 5, 10, 30, 100, 300, 1000])
SMOOTHING = "B: smoothing, best of ball and Gauss"
ROUTES = {
    "w1_route_a": "A: distance to a prior",
    "covering": "covering numbers",
    "smooth_ball": SMOOTHING,
    "smooth_gauss": SMOOTHING,
    "smooth_increment": "B: increments",
    "chain_gauss": "D: chaining",
    "rademacher_linear": "C: linear classes (Rademacher)",
}
_NUMBERS, _QUICK_NUMBERS, _JUDGED = 100_000_000, 10_000_000, 300


def draw(settings: FigureSettings) -> Figure:
    """Evaluate the routes for the loss (1 + <w, x>)/2, |w| <= 1, on points of the unit sphere, and simulate its gap.

    The conversion through the output is shown where it belongs: beside the others on the 0/1 risk of one classifier.
    """
    cells = [{"m": int(m), "dim": FIXED_DIM} for m in SIZES] + [{"m": FIXED_M, "dim": int(d)} for d in DIMENSIONS]
    cells = [cell | {"draws": _draws(cell, settings), "seed": settings.seed, "what": "supremum"} for cell in cells]
    suprema = [part["supremum"] for part in run_cells(cells, in_float64(_supremum), settings.folder, settings.announce)]
    tables = [{"rows": int(rows), "seed": settings.seed, "what": "certificates"} for rows in ROWS]
    found = run_cells(tables, in_float64(certified), settings.folder, settings.announce)
    values = {name: np.array([float(part[name]) for part in found]) for name in (*CERTIFIED, MEASURED)}
    gaps = {name: np.array([_gap(name, cell["m"], cell["dim"]) for cell in cells]) for name in ROUTES}
    first = len(SIZES)
    charts = (
        _chart(f"d = {FIXED_DIM}", "sample size m", SIZES, {k: v[:first] for k, v in gaps.items()}, suprema[:first]),
        _chart(f"m = {FIXED_M}", "parameters d", DIMENSIONS, {k: v[first:] for k, v in gaps.items()}, suprema[first:]),
        certificates_chart(values),
    )
    arrays = {f"gap_{name}": values for name, values in gaps.items()}
    arrays |= {"m": np.array([cell["m"] for cell in cells]), "dim": np.array([cell["dim"] for cell in cells])}
    arrays |= {f"certified_{name}": numbers for name, numbers in values.items()} | {"rows": ROWS}
    arrays |= {"supremum_mean": np.array([values.mean() for values in suprema])}
    rows = (*_tables(), *(_winner(cell, values) for cell, values in zip(cells, suprema, strict=True)))
    return Figure("bridge", charts, rows, arrays, _verdicts(settings.seed))


def _draws(cell: dict[str, int], settings: FigureSettings) -> int:
    if settings.repetitions is not None:
        return settings.repetitions
    numbers = _QUICK_NUMBERS if settings.quick else _NUMBERS
    return int(np.clip(numbers // (cell["m"] * cell["dim"]), 8, 300))


def _supremum(cell: Any) -> dict[str, NDArray[np.float64]]:
    """The largest gap over the unit ball on each of many samples: half the length of the mean of the points."""
    rng = np.random.default_rng([cell["seed"], cell["m"], cell["dim"]])
    return {"supremum": mean_lengths(rng, cell["draws"], cell["m"], cell["dim"]) / 2}


def _gap(name: str, m: int, dim: int, lipschitz: float = LIPSCHITZ, **more: float) -> float:
    """The bound at empirical risk 0: what it adds to the empirical risk."""
    place = {"distance": RADIUS} if name == "w1_route_a" else {"radius": RADIUS}
    place |= {} if name in ("w1_route_a", "rademacher_linear") else {"dim": dim}
    value = evaluate_bound(name, risk=0, lipschitz=lipschitz, m=m, delta=DELTA, **place, **more).value
    return np.inf if value is None else value


def _chart(title: str, label: str, x: NDArray, gaps: dict[str, NDArray], suprema: list[NDArray]) -> Chart:
    shown = {ROUTES[name]: values for name, values in gaps.items() if ROUTES[name] != SMOOTHING}
    shown[SMOOTHING] = np.minimum(gaps["smooth_ball"], gaps["smooth_gauss"])
    curves = [Curve(text, x, values, Role.PREDICTED, number) for number, (text, values) in enumerate(shown.items())]
    means = Estimate.stack([Estimate.mean_of(values) for values in suprema])
    curves.append(Curve("simulated supremum, mean", x, means, Role.MEASURED))
    caption = "Loss (1 + <w, x>)/2 with |w| <= 1 and |x| = 1; every curve holds with probability 0.95."
    return Chart(f"Gap, {title}", label, "bound on risk - empirical risk", tuple(curves), caption, True, True)


def _tables() -> list[Comparison]:
    """The reference's numbers for L = B = 1 beside ours."""
    rows = []
    for (dim, m), numbers in GAPS.items():
        ours = [_gap(name, m, dim, 1.0) for name in ROUTES if name != "smooth_increment"]
        label = f"d {dim}, m {m:.0e}: A, covering, ball, Gauss, chaining, linear"
        rows.append(Comparison(label, series(numbers, 4), series(ours, 4)))
    for (dim, m), numbers in WIDTHS.items():
        keys = {"risk": 0, "lipschitz": 1, "radius": 1, "dim": dim, "m": m, "delta": DELTA}
        best = evaluate_bound("smooth_gauss", **keys)
        ours = [best.terms["sigma"], best.value, _gap("smooth_gauss", m, dim, 1.0, sigma=(dim * m) ** -0.5)]
        label = f"d {dim}, m {m:.0e}: best width, gap there, gap at B/sqrt(dm)"
        rows.append(Comparison(label, series(numbers, 6), series(ours, 6)))
    for (dim, m, reach), numbers in INCREMENTS.items():
        transport = _gap("w1_route_a", m, dim, reach) - reach
        ours = [transport, _gap("smooth_gauss", m, dim, reach), _gap("smooth_increment", m, dim, reach)]
        label = f"d {dim}, m {m:.0e}, LB {reach:g}: transport, Gauss, increments"
        rows.append(Comparison(label, series(numbers), series(ours)))
    sizes = np.array([1e6, 1e8, 1e10])
    values = [_gap("chain_gauss", int(m), 1000, 1.0, scales=12) for m in sizes]
    slope = np.polyfit(np.log(sizes), np.log(values), 1)[0]
    rows.append(Comparison("log-log slope of chaining in m, d = 1000", "-0.5", f"{slope:.6f}"))
    rows.append(Comparison("smallest chaining constant", "2.468", f"{best_chaining()[2]:.4f}"))
    return rows


def _winner(cell: dict[str, Any], suprema: NDArray[np.float64]) -> Comparison:
    keys: dict[str, Any] = {"lipschitz": LIPSCHITZ, "radius": RADIUS, "delta": DELTA} | {
        k: cell[k] for k in ("dim", "m")
    }
    free, linear = (best_uniform(risk=0, feature_norm=norm, **keys) for norm in (None, 1.0))
    best = f"any class {_won(free)}; linear class {_won(linear)}"
    return Comparison(
        f"m {cell['m']}, d {cell['dim']}: smallest bound; supremum",
        best,
        f"mean {Estimate.mean_of(suprema)} of {len(suprema)}",
    )


def _won(comparison: Any) -> str:
    return f"{comparison.winner} {text_up(comparison.value, 4)}" if comparison.winner else "all vacuous"


def _verdicts(seed: int) -> tuple[tuple[str, Verdict], ...]:
    """The theorems behind three routes, each on 300 samples at the weights with the largest gap."""
    m = 1000
    risk = (1 - mean_lengths(np.random.default_rng([seed, 1]), _JUDGED, m, FIXED_DIM)) / 2
    verdicts = []
    for theorem in (module.THEOREM for module in (w1_route_a, smooth_gauss, rademacher_linear)):
        place = {"distance": RADIUS} if theorem.id == "w1_route_a" else {"radius": RADIUS}
        place |= {"dim": FIXED_DIM} if theorem.id == "smooth_gauss" else {}
        inputs = {"risk": risk, "lipschitz": LIPSCHITZ, "m": m} | place
        certificate = CertifiedRisk(theorem.id, inputs, DELTA, True, True, true_lipschitz=LIPSCHITZ)
        axis, truth = Axis(AxisKind.DRAW, np.arange(float(_JUDGED))), np.full(_JUDGED, 0.5)
        verdict = theorem.test(Trajectory(certificate, axis, {"risk": truth}, Origin.SIMULATED))
        verdicts.append((f"largest gap, m {m}, d {FIXED_DIM}", verdict))
    return tuple(verdicts)
