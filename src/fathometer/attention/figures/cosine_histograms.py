"""F5: cosines between tokens, layer by layer, of a trained Transformer, of a random one, and of a random flow.

The paper draws ALBERT xlarge on a paragraph of text. Here it is the ALBERT of rxnmapper on a long reaction, from the
statistics that come with the package, or whatever hidden states the user gives. Expected numbers: runs of our own with
another reaction of 265 tokens. The random flow has Gaussian Q, K, V in dimension 512 with beta = sqrt(512).
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._layer_statistics import LayerStatistics, layer_statistics
from fathometer.attention.dynamics._recorded import read_hidden
from fathometer.attention.dynamics.variants import Normalization, Variant, simulate_variant
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._cosines import cosine_quantiles
from fathometer.attention.observables._standard import mean_cosine
from fathometer.data import albert_layers
from fathometer.evidence import Estimate
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Histogram, Role, level, series
from fathometer.study import Arrays, Cell, run_cells

SHOWN = (0, 5, 12, 30, 48)
"""Layers of the histograms; 0, 5, 30 and 48 are those of the paper."""
TABLE_LAYERS = (0, 1, 4, 8, 12)
EXPECTED_MEAN = "0.092 0.133 0.157 0.166 0.180"
EXPECTED_RANK = "19.6 28.0 40.9 41.8 37.9"
EXPECTED_CLOSE = "0.003 0.007 0.014 0.047"
END = 10.0
FLOWS = (Normalization.POST, Normalization.PRE)
Networks = dict[str, LayerStatistics]


def draw(settings: FigureSettings, hidden: Path | None = None) -> Figure:
    """Draw the shipped statistics, or those of a file with an array "hidden" and perhaps a "control"."""
    networks = _shipped() if hidden is None else _given(hidden)
    dim, n = (64, 32) if settings.quick else (512, 128)
    cells = [{"random_flow": str(norm), "dim": dim, "n": n, "end": END, "seed": settings.seed} for norm in FLOWS]
    flows: dict[Normalization, Arrays] = dict(
        zip(FLOWS, run_cells(cells, in_float64(_flow), settings.folder, settings.announce), strict=True)
    )
    charts = (
        *(_histogram(name, statistics) for name, statistics in networks.items()),
        _mean_chart(networks),
        _shape_chart("close", networks, "share of pairs with cosine above 0.99", "Tight clusters"),
        _shape_chart("rank", networks, "exp(entropy of squared singular values)", "Effective rank"),
        _flow_chart(flows, dim, n),
    )
    data = {
        f"{name}_{field}": values
        for name, statistics in networks.items()
        for field, values in statistics._asdict().items()
    }
    for norm, flow in flows.items():
        data |= {f"flow_{norm}_{field}": values for field, values in flow.items()}
    rows = (*(_shipped_rows(networks) if hidden is None else _given_rows(networks)), *_flow_rows(flows))
    return Figure("cosine-histograms", charts, rows, data)


def _shipped() -> Networks:
    arrays = albert_layers()
    return {
        name: LayerStatistics(*(arrays[f"{name}_{field}"] for field in LayerStatistics._fields))
        for name in ("trained", "random")
    }


def _given(path: Path) -> Networks:
    states, control = read_hidden(path)
    networks = {"hidden": layer_statistics(states)}
    return networks if control is None else networks | {"control": layer_statistics(control)}


def _flow(cell: Cell) -> Arrays:
    """Mean cosine and the band of nine in ten pairs, along a flow with random weights of the common size 1/sqrt(d)."""
    dim = cell["dim"]
    generator = np.random.default_rng([cell["seed"], dim])
    matrices = generator.standard_normal((3, dim, dim)) / np.sqrt(dim)
    system = ParticleSystem.uniform(cell["n"], dim, np.sqrt(dim), Model.SA, cell["seed"])
    variant = Variant(system, *matrices, normalization=Normalization(cell["random_flow"]))
    run = simulate_variant(variant, np.linspace(0.0, cell["end"], 41), tolerance=1e-7)
    points = run.states["points"]
    low, high = cosine_quantiles(points, system.masses, [0.05, 0.95]).T
    return {"times": run.axis.points, "mean": mean_cosine(points, system.masses), "low": low, "high": high}


def _at(statistics: LayerStatistics, field: str, layers: tuple[int, ...]) -> str:
    index = np.searchsorted(statistics.layers, layers)
    return series(getattr(statistics, field)[index])


def _shipped_rows(networks: Networks) -> list[Comparison]:
    trained, random = networks["trained"], networks["random"]
    late = (36, 48, 96, 400)
    return [
        Comparison("mean cosine, layers 0 1 4 8 12, trained", EXPECTED_MEAN, _at(trained, "mean", TABLE_LAYERS)),
        Comparison("effective rank, layers 0 1 4 8 12, trained", EXPECTED_RANK, _at(trained, "rank", TABLE_LAYERS)),
        Comparison("share above 0.99, layers 36 48 96 400, trained", EXPECTED_CLOSE, _at(trained, "close", late)),
        Comparison("mean cosine, layers 36 48 96 400, trained", "near 0.2", _at(trained, "mean", late)),
        Comparison("mean cosine, layer 12, random weights", "0.61", _at(random, "mean", (12,))),
    ]


def _given_rows(networks: Networks) -> list[Comparison]:
    return [
        Comparison(f"{what}, first and last layer, {name}", "", series(getattr(statistics, field)[[0, -1]]))
        for name, statistics in networks.items()
        for what, field in (("mean cosine", "mean"), ("effective rank", "rank"), ("share above 0.99", "close"))
    ]


def _flow_rows(flows: dict[Normalization, Arrays]) -> list[Comparison]:
    post, pre = (flows[norm]["mean"][-1] for norm in (Normalization.POST, Normalization.PRE))
    return [
        Comparison(f"random flow, mean cosine at time {END:g}, Post-LN", "1", f"{post:.4f}"),
        Comparison(f"random flow, mean cosine at time {END:g}, Pre-LN", "below Post-LN", f"{pre:.4f}"),
    ]


def _histogram(name: str, statistics: LayerStatistics) -> Histogram:
    last = min(statistics.layers[-1], SHOWN[-1])
    shown = [i for i, layer in enumerate(statistics.layers) if layer in (*SHOWN, last)]
    # 100 bins of two: finer ones are noise at this number of pairs
    edges, density = statistics.edges[::2], (statistics.density[:, ::2] + statistics.density[:, 1::2]) / 2
    named = {f"layer {statistics.layers[i]:g}": np.maximum(density[i], 1e-3) for i in shown}
    occupied = edges[:-1][density[shown].max(axis=0) > 0]
    title = f"{name[0].upper()}{name[1:]} network"
    limits = (float(occupied[0]) - 0.02, 1.02)
    return Histogram(title, "cosine of a pair of tokens", "density", edges, named, log_y=True, x_limits=limits)


def _band(mean: Float[np.ndarray, " l"], low: Float[np.ndarray, " l"], high: Float[np.ndarray, " l"]) -> Estimate:
    """The mean with quantiles as bars; a mean may lie outside of them."""
    return Estimate.heuristic(mean, np.minimum(low, mean), np.maximum(high, mean))


def _mean_chart(networks: Networks) -> Chart:
    curves = [
        Curve(f"{name}, 5 % to 95 %", 1 + f.layers, _band(f.mean, f.low, f.high), Role.MEASURED, i)
        for i, (name, f) in enumerate(networks.items())
    ]
    return Chart("Cosines of pairs: mean and band", "1 + layer", "cosine", tuple(curves), log_x=True)


def _shape_chart(field: str, networks: Networks, y_label: str, title: str) -> Chart:
    curves = [
        Curve(name, 1 + statistics.layers, getattr(statistics, field), Role.MEASURED, number)
        for number, (name, statistics) in enumerate(networks.items())
    ]
    return Chart(title, "1 + layer", y_label, tuple(curves), log_x=True)


def _flow_chart(flows: dict[Normalization, Arrays], dim: int, n: int) -> Chart:
    curves = [
        Curve(
            f"{norm.title()}-LN, 5 % to 95 %", f["times"], _band(f["mean"], f["low"], f["high"]), Role.MEASURED, number
        )
        for number, (norm, f) in enumerate(flows.items())
    ]
    curves.append(level("1, one cluster", [0, END], 1.0))
    title = f"Random Q, K, V: {n} tokens, d = {dim}, beta = sqrt(d)"
    return Chart(title, "time t", "cosine of a pair of tokens", tuple(curves))
