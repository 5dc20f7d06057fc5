"""F8: the first pattern that nearly uniform tokens on the circle form, k_max(beta) clusters.

Linear theory: the Fourier mode k grows at the rate k^2 I_k(beta)/(beta I_0(beta)) (SA), fastest at k_max, about
sqrt(2 beta). It says which mode wins on average; noise in the start moves single patterns by a cluster or two.
"""

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables.clusters._clusters import cluster_counts, default_resolution
from fathometer.attention.predictions._uniform_pattern import fastest_mode, growth_rates, mode_amplitudes
from fathometer.attention.theorems.clustering import first_pattern
from fathometer.evidence import Estimate, Trajectory, Verdict
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, HeatMap, Role, level
from fathometer.study import Arrays, Cell, run_cells

TABLE = {
    1.0: (1, 0.44638996589653450705),
    4.0: (3, 0.66438881220785821713),
    9.0: (4, 0.70449702929959666429),
    25.0: (7, 0.72579651319040616372),
    100.0: (14, 0.73317610297821113579),
    400.0: (28, 0.73500258326116665264),
}
NOISE = 5e-4
"""Size of every Fourier mode of the density at the start; equal for all modes, as for independent uniform tokens."""
FORMED = 0.3
"""A mode of this amplitude has made clusters out of the tokens."""
CONTRACTION = 8.0
"""Time after that, in which the clusters contract at rate 1; the shortest-lived patterns last longer."""
SHOWN = 25.0
"""Inverse temperature of the picture in time and angle."""


def draw(settings: FigureSettings) -> Figure:
    """Let nearly uniform tokens form patterns, 16 times at each beta; `quick` takes 3 up to beta = 25."""
    betas = np.array([beta for beta in TABLE if beta <= (SHOWN if settings.quick else np.inf)])
    repetitions = settings.runs(16, 3)
    cells = [
        {"pattern": float(beta), "noise": NOISE, "seed": settings.seed, "repetition": r}
        for beta in betas
        for r in range(repetitions)
    ]
    results = run_cells(cells, in_float64(_compute), settings.folder, settings.announce)
    counts, modes = (
        np.array([float(cell[key]) for cell in results]).reshape(len(betas), -1) for key in ("clusters", "mode")
    )
    run = pattern_run(SHOWN, settings.seed, 0)
    charts = (_rate_chart(betas), _count_chart(betas, counts), _density_map(run), _growth_chart(run))
    data = {
        "betas": betas,
        "clusters": counts,
        "winning_mode": modes,
        "times": run.axis.points,
        "points": run.states["points"],
    }
    return Figure("first-pattern", charts, _rows(betas, counts, modes), data, _verdicts(betas, settings, run))


def pattern_run(beta: float, seed: int, repetition: int) -> Trajectory:
    """Simulate tokens that start near a regular polygon until a pattern has formed and contracted.

    Args:
        beta: inverse temperature, > 0.
        seed: of the perturbation, >= 0.
        repetition: number of the draw, >= 0.
    """
    mode = fastest_mode(2, beta)
    n = max(48, 8 * mode)
    corners = 2 * np.pi * np.arange(n) / n
    degrees = np.arange(1, 4 * mode + 1)[:, None]
    sines, cosines = np.random.default_rng([seed, round(beta), repetition]).standard_normal((2, 4 * mode, 1))
    shift = np.sum((sines * np.sin(degrees * corners) + cosines * np.cos(degrees * corners)) / degrees, axis=0)
    angles = corners + NOISE * shift
    system = ParticleSystem(np.stack([np.cos(angles), np.sin(angles)], axis=1), beta, Model.SA)
    late = 2.5 * np.log(1 / NOISE) / growth_rates(mode, 2, beta, Model.SA)[-1] + CONTRACTION
    return simulate(system, np.linspace(0.0, late, 121), tolerance=1e-7)


def _compute(cell: Cell) -> Arrays:
    """Clusters when the pattern has contracted, and the mode that had won when it formed."""
    run = pattern_run(cell["pattern"], cell["seed"], cell["repetition"])
    mode, system = fastest_mode(2, cell["pattern"]), ParticleSystem.expect(run.problem)
    amplitudes = mode_amplitudes(run.states["points"], system.masses, 2 * mode + 2)
    formed = int(np.argmax(amplitudes.max(axis=1) > FORMED))
    late = min(int(np.searchsorted(run.axis.points, run.axis.points[formed] + CONTRACTION)), len(run.axis) - 1)
    counts = cluster_counts(run.states["points"][[late]], default_resolution(cell["pattern"]))
    return {"clusters": np.asarray(counts[0], float), "mode": np.asarray(1.0 + np.argmax(amplitudes[formed]))}


def _rows(
    betas: Float[np.ndarray, " b"], counts: Float[np.ndarray, "b r"], modes: Float[np.ndarray, "b r"]
) -> tuple[Comparison, ...]:
    rows = []
    for i, beta in enumerate(betas):
        mode, rate = TABLE[float(beta)]
        fastest = fastest_mode(2, beta)
        computed = f"{fastest}, {growth_rates(fastest, 2, beta, Model.SA)[-1]:.12f}"
        rows.append(Comparison(f"k_max and its rate, beta {beta:g}", f"{mode}, {rate:.12f}", computed))
        count = f"clusters of the first pattern, beta {beta:g}: mean, range"
        rows.append(Comparison(count, f"{mode}", _range(f"{counts[i].mean():.1f}", counts[i])))
        median = f"mode that wins, beta {beta:g}: median, range"
        rows.append(Comparison(median, f"{mode}", _range(f"{np.median(modes[i]):g}", modes[i])))
    return tuple(rows)


def _range(middle: str, values: Float[np.ndarray, " r"]) -> str:
    return f"{middle} ({values.min():.0f} to {values.max():.0f} in {len(values)} runs)"


def _verdicts(
    betas: Float[np.ndarray, " b"], settings: FigureSettings, shown: Trajectory
) -> tuple[tuple[str, Verdict], ...]:
    """The growth of the fastest mode in the run that is shown and, unless `quick`, in one at each smaller beta."""
    fewer = [] if settings.quick else [float(beta) for beta in betas if beta < SHOWN]
    runs = [(beta, pattern_run(beta, settings.seed, 0)) for beta in fewer] + [(SHOWN, shown)]
    return tuple((f"beta = {beta:g}", first_pattern.THEOREM.test(run)) for beta, run in runs)


def _rate_chart(betas: Float[np.ndarray, " b"]) -> Chart:
    curves = []
    for number, beta in enumerate(betas):
        mode = fastest_mode(2, beta)
        rates = growth_rates(2 * mode + 6, 2, beta, Model.SA)
        degrees = np.arange(1.0, len(rates) + 1)
        curves.append(Curve(f"beta = {beta:g}", degrees, rates, Role.PREDICTED, number))
    curves.append(level("limit 2/e", [1, 2 * fastest_mode(2, betas[-1]) + 6], 2 / np.e))
    title = "Which mode grows fastest"
    return Chart(title, "Fourier mode k", "growth rate (SA)", tuple(curves), log_x=True)


def _count_chart(betas: Float[np.ndarray, " b"], counts: Float[np.ndarray, "b r"]) -> Chart:
    grid = np.geomspace(betas[0], betas[-1], 200)
    steps = [fastest_mode(2, beta) for beta in grid]
    curves = (
        Curve("predicted: k_max", grid, steps, Role.PREDICTED, 1),
        Curve("sqrt(2 beta)", grid, np.sqrt(2 * grid), Role.LIMIT, 2),
        Curve("measured clusters, mean", betas, Estimate.mean_of(counts), Role.MEASURED),
    )
    return Chart(
        "Clusters of the first pattern", "inverse temperature beta", "clusters", curves, log_x=True, log_y=True
    )


def _growth_chart(run: Trajectory) -> Chart:
    mode, masses = fastest_mode(2, SHOWN), ParticleSystem.expect(run.problem).masses
    times, rate = run.axis.points, growth_rates(mode, 2, SHOWN, Model.SA)[-1]
    amplitude = mode_amplitudes(run.states["points"], masses, mode)[:, -1]
    linear = amplitude[0] * np.exp(rate * times)
    early = linear < 1
    shown = slice(None, None, 2)
    curves = (
        Curve(f"predicted rate {rate:.4f}", times[early], linear[early], Role.PREDICTED, 1),
        Curve("measured", times[shown], amplitude[shown], Role.MEASURED),
    )
    return Chart(f"Mode {mode} of the same run", "time t", "amplitude", curves, log_y=True)


def _density_map(run: Trajectory) -> HeatMap:
    """Shares of the tokens in bins of the angle."""
    points = run.states["points"]
    angles = np.mod(np.arctan2(points[..., 1], points[..., 0]), 2 * np.pi)
    edges = np.linspace(0, 2 * np.pi, 73)
    density = np.stack([np.histogram(state, edges)[0] / len(state) for state in angles], axis=1)
    return HeatMap(
        f"One run at beta = {SHOWN:g}: {fastest_mode(2, SHOWN)} clusters are predicted",
        "time t",
        "angle (rad)",
        "share of the tokens",
        run.axis.points,
        (edges[1:] + edges[:-1]) / 2,
        density,
    )
