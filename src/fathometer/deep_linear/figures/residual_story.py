"""Residual networks close to a minimizer: how far the layers move, how fast and how flat, at every depth."""

import math

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.flow._residual_flow import residual_flow
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.model.data._paper_data import paper_readout, paper_samples
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.theorems.residual import (
    residual_flatness,
    residual_motion,
    residual_pl,
    residual_rate,
    residual_sharpness,
)
from fathometer.evidence import Verdict
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level, series

DEPTHS = (2, 5, 10, 20, 40)
QUICK = (2, 5, 10)
SCALES = np.array([0.0, 0.1, 0.25, 0.5, 1.0])
EXPECTED_SHARPNESS = {2: "3.93022", 5: "9.72125", 20: "38.67776"}
_SIGMA, _READOUT = np.diag([1, 0.8, 0.6, 0.5]), np.eye(4)[0]
_RADIUS, _SHARE = 1 / 6, 0.999
_DRAWS, _DEPTH = 5, 10
_THEOREMS = (residual_pl, residual_rate, residual_motion, residual_sharpness, residual_flatness)


def draw(settings: FigureSettings) -> Figure:
    """Follow gradient flow from W_k = I, at the edge of what the theorem allows and on the paper's data."""
    depths = QUICK if settings.quick else DEPTHS
    near, far = [identity_start(depth) for depth in depths], [_paper_start(depth) for depth in depths]
    tables, verdicts = {}, []
    for name, starts in (("near", near), ("paper", far)):
        results = [_follow(start) for start in starts]
        tables[name] = {key: np.array([row[key] for row, _ in results]) for key in results[0][0]}
        verdicts += [
            (f"{name}, depth {start.network.depth}", verdict)
            for start, (_, judged) in zip(starts, results, strict=True)
            for verdict in judged
        ]
    allowed = _allowed_by_scale(settings.seed)
    charts = (
        _motion_chart(near, tables),
        _rate_chart(near, tables),
        _sharpness_chart(near, far, tables),
        _allowed_chart(allowed, far[depths.index(_DEPTH)]),
    )
    arrays = {f"{name}_{key}": values for name, table in tables.items() for key, values in table.items()}
    arrays |= {"depths": np.array(depths, np.float64), "scales": SCALES, "allowed": allowed}
    return Figure("residual-story", charts, _rows(near, far, tables), arrays, tuple(verdicts))


def identity_start(depth: int) -> ResidualStart:
    """W_k = I, with a target whose distance is 99.9 percent of what is allowed at radius 1/6."""
    layers, towards = (np.eye(4),) * depth, np.array([-1, 1, -1, 1]) / 2
    at = ResidualStart(DeepLinear(Regression(_SIGMA, _READOUT), depth, _READOUT), layers, _RADIUS)
    shift = _SHARE * math.sqrt(at.allowed_excess) * towards / np.linalg.norm(np.sqrt(_SIGMA) @ towards)
    return ResidualStart(DeepLinear(Regression(_SIGMA, _READOUT + shift), depth, _READOUT), layers, _RADIUS)


def _paper_start(depth: int) -> ResidualStart:
    """W_k = I on the paper's data."""
    network = DeepLinear(paper_samples("overdetermined").regression, depth, paper_readout())
    return ResidualStart(network, (np.eye(network.regression.dimension),) * depth)


def _follow(start: ResidualStart) -> tuple[dict[str, float], list[Verdict]]:
    """What a flow shows, and what the theorems say to it."""
    run = residual_flow(start)
    data = {
        "motion": float(np.max(residual_motion.largest_motion(run).value)),
        "pl_ratio": float(np.min(residual_pl.pl_ratio(run).value)),
        "sharpness": float(residual_sharpness.final_sharpness(run).value),
        "s_min": float(minimal_sharpness(start.network).value),
    }
    return data, [module.THEOREM.test(run) for module in _THEOREMS]


def _allowed_by_scale(seed: int) -> NDArray[np.float64]:
    """Allowed R(0) - R_min of random starts on the paper's data, shape (scales, draws); 0 where none is."""
    network = DeepLinear(paper_samples("overdetermined").regression, _DEPTH, paper_readout())
    width = network.regression.dimension

    def starts(scale: float) -> list[Weights]:
        drawn = Initial(InitialKind.RESIDUAL, scale).draw(network, width, _DRAWS, seed)
        return [tuple(matrix[i] for matrix in drawn) for i in range(_DRAWS)]

    return np.array([[ResidualStart(network, layers).allowed_excess for layers in starts(s)] for s in SCALES.tolist()])


def _depths(starts: list[ResidualStart]) -> tuple[int, ...]:
    return tuple(start.network.depth for start in starts)


def _motion_chart(near: list[ResidualStart], tables: dict[str, dict[str, NDArray]]) -> Chart:
    bound, depths = [start.network.depth * start.layer_motion for start in near], _depths(near)
    curves = (
        Curve("bound of the theorem, near", depths, np.array(bound), Role.PREDICTED),
        Curve("near a minimizer", depths, tables["near"]["motion"], Role.MEASURED),
        Curve("paper's data, outside", depths, tables["paper"]["motion"], Role.MEASURED, 1),
    )
    title = "Layers move by O(1 / L)"
    return Chart(
        title, "depth L", "L * largest |W_k(t) - W_k(0)|_F", curves, log_x=True, log_y=True, x_ticks=_depths(near)
    )


def _rate_chart(near: list[ResidualStart], tables: dict[str, dict[str, NDArray]]) -> Chart:
    depths = np.array(_depths(near), np.float64)
    curves = (
        Curve("mu / L of the theorem, near", depths, [s.pl_constant for s in near] / depths, Role.PREDICTED),
        Curve("near a minimizer", depths, tables["near"]["pl_ratio"] / depths, Role.MEASURED),
        Curve("paper's data, outside", depths, tables["paper"]["pl_ratio"] / depths, Role.MEASURED, 1),
    )
    label = "least |grad R|^2 / (R - R_min) / L"
    return Chart("Polyak-Lojasiewicz ratio", "depth L", label, curves, log_x=True, log_y=True, x_ticks=_depths(near))


def _sharpness_chart(
    near: list[ResidualStart], far: list[ResidualStart], tables: dict[str, dict[str, NDArray]]
) -> Chart:
    depths = np.array(_depths(near), np.float64)
    bound = [2 * s.network.regression.lambda_max * s.spread * s.readout_norm**2 for s in near]
    curves = (
        Curve("bound of the theorem, near", depths, np.array(bound), Role.PREDICTED),
        Curve("S_min / L, near", depths, tables["near"]["s_min"] / depths, Role.LIMIT),
        Curve("S_min / L, paper's data", depths, tables["paper"]["s_min"] / depths, Role.LIMIT, 1),
        Curve("near a minimizer", depths, tables["near"]["sharpness"] / depths, Role.MEASURED),
        Curve("paper's data, outside", depths, tables["paper"]["sharpness"] / depths, Role.MEASURED, 1),
        level("2 a m^2, near", depths, 2 * near[0].network.regression.explained),
        level("2 a m^2, paper's data", depths, 2 * far[0].network.regression.explained, group=1),
    )
    label = "sharpness of the limit / L"
    return Chart("The limit is flat at every depth", "depth L", label, curves, log_x=True, x_ticks=_depths(near))


def _allowed_chart(allowed: NDArray[np.float64], start: ResidualStart) -> Chart:
    curves = (
        Curve("allowed by the theorem, 5 draws", np.repeat(SCALES, _DRAWS), allowed.ravel(), Role.MEASURED),
        level("where the paper's runs start, scale 0", SCALES, start.excess),
    )
    title = f"How close the start has to be, depth {_DEPTH}"
    return Chart(title, "scale s of the initial weights", "R(0) - R_min", curves, log_y=True)


def _rows(
    near: list[ResidualStart], far: list[ResidualStart], tables: dict[str, dict[str, NDArray]]
) -> tuple[Comparison, ...]:
    rows = [
        Comparison(f"near, sharpness of the limit, depth {depth}", EXPECTED_SHARPNESS.get(depth, ""), f"{value:.7g}")
        for depth, value in zip(_depths(near), tables["near"]["sharpness"], strict=True)
    ]
    ratios = {name: [s.excess / s.allowed_excess for s in starts] for name, starts in (("near", near), ("paper", far))}
    rows += [
        Comparison("near, L * motion by depth", "0.0356 to 0.0362", series(tables["near"]["motion"])),
        Comparison("near, (R(0) - R_min) / allowed by depth", "0.998", series(ratios["near"])),
        Comparison("paper, (R(0) - R_min) / allowed by depth", "some 1000: outside", series(ratios["paper"])),
        Comparison(
            "paper, S / L of the limit by depth", "", series(tables["paper"]["sharpness"] / np.array(_depths(far)))
        ),
        Comparison(
            "paper, sharpness of the limit, depth 10",
            "27.08 by descent with step 0.005",
            f"{tables['paper']['sharpness'][2]:.4f}",
        ),
    ]
    return tuple(rows)
