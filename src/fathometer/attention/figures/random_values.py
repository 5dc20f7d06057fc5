"""F10: tokens under random values that all share, drawn anew every dt: do they collapse, and do opposite pairs attract?

An experiment beside V = I and V = -I. What is predicted, for values that change quickly, is whether one cluster and two
opposite halves attract: the Lyapunov exponents of both.
"""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.dynamics.variants._simulate import simulate_variant
from fathometer.attention.dynamics.weights._random_values import draw_random_values
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._random_values import RandomValues
from fathometer.attention.observables._standard import mean_cosine
from fathometer.attention.observables.weights._pairs import antipodal_pairs
from fathometer.attention.predictions.weights._random_values import antipodal_exponent, one_cluster_exponent
from fathometer.evidence import Estimate, text_ends
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Histogram, Role, level
from fathometer.study import Arrays, Cell, run_cells

DIM, TOKENS = 3, 16
REDRAW = 0.1
"""Time between two draws, except where it varies."""
SPAN = 40.0
"""Time of a run in units of 1/redraw, in which noise of any redraw has the same size."""
APART, PAIR_SPAN = 1e-4, 8.0
"""Distance of two tokens from one place, or from opposite ones, at the start, and time in which it is followed."""
PAIR_BETAS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
BETAS = (0.25, 0.5, 1.0, 2.0, 4.0, 9.0)
REDRAWS = (0.05, 0.1, 0.2, 0.5, 1.0)
CONVERGED = (1.0, 4.0)
"""Inverse temperatures at which the time between draws is varied."""
STEP = 0.2
ONE_CLUSTER = 0.99
"""Mean cosine above which a run counts as collapsed."""


def draw(settings: FigureSettings) -> Figure:
    """Draw 200 runs at each point, or as many as asked for; `quick` takes 40, and fewer points."""
    draws = settings.runs(200, 40)
    shared = {"draws": draws, "seed": settings.seed}
    pairs = [shared | {"pair": sign, "beta": beta} for sign in (1.0, -1.0) for beta in _some(PAIR_BETAS, settings)]
    clouds = [shared | {"cloud": beta, "redraw": REDRAW, "span": SPAN} for beta in _some(BETAS, settings)]
    finer = [shared | {"cloud": b, "redraw": dt, "span": SPAN} for b in CONVERGED for dt in _some(REDRAWS, settings)]
    longer = [shared | {"cloud": b, "redraw": REDRAW, "span": k * SPAN} for b in CONVERGED for k in (0.5, 1.0, 2.0)]
    fixed = [{"fixed": sign, "beta": beta} for sign in (1.0, -1.0) for beta in _some(BETAS, settings)]
    cells = [*pairs, *clouds, *finer, *longer, *fixed]
    results = run_cells(cells, in_float64(_compute), settings.folder, settings.announce)
    found = [(cell, result) for cell, result in zip(cells, results, strict=True)]
    charts = (_exponents(found), _cosines(found), _histogram(found), _convergence(found))
    return Figure("random-values", charts, (*_pair_rows(found), *_cloud_rows(found)), _data(found))


Found = list[tuple[Cell, Arrays]]


def _some(values: tuple[float, ...], settings: FigureSettings) -> tuple[float, ...]:
    """All of them, or every other one."""
    return values[::2] if settings.quick else values


def _compute(cell: Cell) -> Arrays:
    if "pair" in cell:
        return {"exponents": pair_exponents(cell["pair"], cell["beta"], cell["draws"], cell["seed"])}
    if "fixed" in cell:
        return _under_fixed_values(cell["fixed"], cell["beta"])
    system = ParticleSystem.uniform(TOKENS, DIM, cell["cloud"], Model.SA, seed=0)
    problem = RandomValues(system, cell["redraw"])
    run = draw_random_values(problem, cell["span"] / cell["redraw"], cell["draws"], seed=cell["seed"], step=STEP)
    return _law(run.states["points"], system.masses)


def pair_exponents(sign: float, beta: float, draws: int, seed: int) -> NDArray[np.float64]:
    """Rates at which two tokens near one place, or near opposite ones, leave it, in units of redraw; shape (draws,).

    Args:
        sign: 1 for one place, -1 for opposite ones.
        beta: inverse temperature, >= 0.
        draws: how many, at least 1.
        seed: of the values.
    """
    first, second = np.eye(DIM)[:2]
    system = ParticleSystem.project([first, sign * first + APART * second], beta, Model.SA)
    run = draw_random_values(RandomValues(system, REDRAW), PAIR_SPAN / REDRAW, draws, seed=seed, step=STEP)
    chords = np.linalg.norm(run.states["points"][:, 1] - sign * run.states["points"][:, 0], axis=1)
    start = np.linalg.norm(system.points[1] - sign * system.points[0])
    return np.log(chords / start) / PAIR_SPAN


def _under_fixed_values(sign: float, beta: float) -> Arrays:
    """Sixteen starts under V = I or V = -I, until long after they have settled."""
    systems = [ParticleSystem.uniform(TOKENS, DIM, beta, Model.SA, seed) for seed in range(16)]
    runs = [simulate_variant(Variant(system, value=sign * np.eye(DIM)), [0.0, 1e3]) for system in systems]
    return _law(np.stack([run.states["points"][-1] for run in runs]), systems[0].masses)


def _law(points: Float[np.ndarray, "r n d"], masses: Float[np.ndarray, " n"]) -> Arrays:
    """Mean cosines and shares of opposite pairs of runs, and all cosines of pairs."""
    upper = np.triu_indices(len(masses), 1)
    cosines = np.clip((points @ np.swapaxes(points, 1, 2))[:, *upper], -1, 1)
    return {"mean": mean_cosine(points, masses), "opposite": antipodal_pairs(points, masses), "cosines": cosines}


def _of(found: Found, name: str, **wanted: float) -> Found:
    """Cells of a kind with these values."""
    return [(c, r) for c, r in found if name in c and all(c.get(key) == value for key, value in wanted.items())]


def _curve(label: str, found: Found, x: str, y: str, group: int) -> Curve:
    """Means over runs with their intervals."""
    sorted_ = sorted({cell[x]: result[y] for cell, result in found}.items())
    return Curve(
        label, [at for at, _ in sorted_], Estimate.mean_of(np.stack([v for _, v in sorted_])), Role.MEASURED, group
    )


def _exponents(found: Found) -> Chart:
    grid = np.linspace(0, PAIR_BETAS[-1], 121)
    curves = (
        level("predicted: one cluster", grid, one_cluster_exponent(DIM), Role.PREDICTED, 1),
        Curve("predicted: two opposite", grid, [antipodal_exponent(DIM, b) for b in grid], Role.PREDICTED, 2),
        _curve("measured: one cluster", _of(found, "pair", pair=1.0), "beta", "exponents", 1),
        _curve("measured: two opposite", _of(found, "pair", pair=-1.0), "beta", "exponents", 2),
        level("attracts below", grid, 0.0),
    )
    title = f"Does it attract? Two tokens, d = {DIM}, dt = {REDRAW:g}"
    return Chart(title, "inverse temperature beta", "exponent per unit of dt times time", curves)


def _cosines(found: Found) -> Chart:
    base = {"redraw": REDRAW, "span": SPAN}
    curves = (
        _curve("random values", _of(found, "cloud", **base), "cloud", "mean", 0),
        _curve("V = I", _of(found, "fixed", fixed=1.0), "beta", "mean", 1),
        _curve("V = -I", _of(found, "fixed", fixed=-1.0), "beta", "mean", 2),
        _curve("random: opposite pairs", _of(found, "cloud", **base), "cloud", "opposite", 3),
    )
    title = f"{TOKENS} tokens at dt times time {SPAN:g}: mean over runs"
    return Chart(title, "inverse temperature beta", "mean cosine, share of pairs", curves, log_x=True)


def _histogram(found: Found) -> Histogram:
    edges = np.linspace(-1, 1, 41)
    named = {}
    for beta in CONVERGED:
        cosines = _of(found, "cloud", cloud=beta, redraw=REDRAW, span=SPAN)[0][1]["cosines"]
        named[f"random values, beta = {beta:g}"] = _density(cosines, edges)
    repelled = _of(found, "fixed", fixed=-1.0)[-1]
    named[f"V = -I, beta = {repelled[0]['beta']:g}"] = _density(repelled[1]["cosines"], edges)
    return Histogram("Cosines of pairs at the end", "cosine of a pair of tokens", "density", edges, named, log_y=True)


def _density(cosines: Float[np.ndarray, "r pairs"], edges: Float[np.ndarray, " e"]) -> NDArray[np.float64]:
    return np.maximum(np.histogram(cosines, edges, density=True)[0], 1e-3)


def _convergence(found: Found) -> Chart:
    curves = [
        _curve(f"{what}, beta = {beta:g}", _of(found, "cloud", cloud=beta, span=SPAN), "redraw", name, 2 * k + i)
        for i, beta in enumerate(CONVERGED)
        for k, (what, name) in enumerate((("mean cosine", "mean"), ("opposite pairs", "opposite")))
    ]
    title = "Convergence in the time dt between draws"
    return Chart(title, "dt", "mean cosine, share of pairs", tuple(curves), log_x=True)


def _pair_rows(found: Found) -> list[Comparison]:
    rows = []
    for cell, result in _of(found, "pair"):
        name = "one cluster" if cell["pair"] > 0 else "two opposite"
        expected = one_cluster_exponent(DIM) if cell["pair"] > 0 else antipodal_exponent(DIM, cell["beta"])
        rows.append(
            Comparison(f"exponent of {name}, beta {cell['beta']:g}", f"{expected:.4f}", _mean(result["exponents"]))
        )
    return rows


def _cloud_rows(found: Found) -> list[Comparison]:
    rows = []
    for cell, result in _of(found, "cloud"):
        at = f"beta {cell['cloud']:g}, dt {cell['redraw']:g}, dt times time {cell['span']:g}"
        collapsed = float(np.mean(result["mean"] > ONE_CLUSTER))
        rows.append(Comparison(f"mean cosine, {at}", "", _mean(result["mean"])))
        rows.append(Comparison(f"share of opposite pairs, {at}", "", _mean(result["opposite"])))
        rows.append(Comparison(f"share of runs that are one cluster, {at}", "", f"{collapsed:.3f}"))
    return rows


def _mean(values: Float[np.ndarray, " r"]) -> str:
    mean = Estimate.mean_of(values[None])
    value, lower, upper = (float(np.ravel(end)[0]) for end in (mean.value, mean.lower, mean.upper))
    return f"{value:.4f} {text_ends(lower, upper, 4)}"


def _data(found: Found) -> dict[str, NDArray]:
    """Everything measured, named by what it is of."""
    made = {}
    for cell, result in found:
        at = "_".join(f"{key}{value:g}" for key, value in cell.items() if key not in ("draws", "seed"))
        made |= {f"{at}_{name}": values for name, values in result.items() if name != "cosines"}
    return made
