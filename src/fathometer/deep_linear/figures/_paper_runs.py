"""The runs that several figures of the paper are drawn from, with the numbers that they must show.

Parameters: Marion and Chizat (2024), from the authors' code. Expected numbers: runs of our own in float64 with exact
eigenvalues, 20 repetitions.
"""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.descent._sweep import Sweep, SweepResult, run_sweep
from fathometer.deep_linear.model._initial import InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_readout, paper_samples
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import balanced_sharpness, paper_lower_bound
from fathometer.deep_linear.theorems.sharpness import minimal_sharpness_exact
from fathometer.evidence import Estimate, Verdict, text_down, text_ends, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level, series

STEPS = (0.005, 0.02, 0.07, 0.1, 0.2)
SHOWN_BELOW = 0.09  # step sizes whose sharpness the paper shows
SQUARED_DISTANCE = "mean of (w - w*)^2 over coordinates"
SHARPNESS = "sharpness (risk / weight^2)"
SCALE = "scale of the initial weights"
LOG_BARS = "Bars are 95 % intervals of the mean, cut at the smallest run where they would reach zero."
_APART = 0.12  # of the distance of neighbouring points


@dataclass(frozen=True)
class PaperRuns:
    """A sweep of the paper and what came of it."""

    sweep: Sweep
    result: SweepResult

    @property
    def problem(self) -> DeepLinear:
        """The network."""
        return self.sweep.problem

    @cached_property
    def squared_distance(self) -> NDArray[np.float64]:
        """At the end, shape (steps, scales, repetitions)."""
        return self.result.squared_distance(self.problem.regression.w_star)

    def data(self) -> dict[str, NDArray]:
        """All arrays, for the file beside the figure."""
        fields = {name: np.asarray(array) for name, array in self.result._asdict().items()}
        return fields | {"scales": self.sweep.scales, "steps": self.sweep.steps}

    def verdicts(self) -> tuple[tuple[str, Verdict], ...]:
        """The lower bound, held against every run that ended at a minimizer."""
        ended = self.result.at_minimizer & np.isfinite(self.result.sharpness)
        if not np.any(ended):
            return ()
        verdict = minimal_sharpness_exact.THEOREM.judge(self.problem, Estimate.exact(self.result.sharpness[ended]))
        return ((f"{np.sum(ended)} runs that ended at a minimizer", verdict),)


def mlp_runs(settings: FigureSettings) -> PaperRuns:
    """Plain networks on the overdetermined data."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10)
    iterations = (40_000, 10_000, 4_000, 4_000, 2_000)
    return _runs(problem, InitialKind.GAUSSIAN, np.linspace(0.25, 0.6, 10), STEPS, iterations, 20, 5, settings)


def residual_runs(settings: FigureSettings) -> PaperRuns:
    """Residual networks on the same data."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10, paper_readout())
    return _runs(problem, InitialKind.RESIDUAL, np.linspace(0, 1.7, 10), STEPS, (4_000,) * 5, 20, 5, settings)


def underdetermined_runs(settings: FigureSettings) -> PaperRuns:
    """Plain networks with more inputs than samples."""
    problem = DeepLinear(paper_samples("underdetermined").regression, 5)
    steps, iterations = (0.001, 0.004, 0.01), (40_000, 10_000, 4_000)
    return _runs(problem, InitialKind.GAUSSIAN, np.linspace(0.1, 0.36, 9), steps, iterations, 20, 20, settings)


def _runs(
    problem: DeepLinear,
    kind: InitialKind,
    scales: NDArray[np.float64],
    steps: tuple[float, ...],
    iterations: tuple[int, ...],
    repetitions: int,
    width: int,
    settings: FigureSettings,
) -> PaperRuns:
    sweep = Sweep(problem, kind, scales, np.array(steps), iterations, settings.runs(repetitions), width, settings.seed)
    return PaperRuns(sweep, run_sweep(sweep, folder=settings.folder, announce=settings.announce))


def mean_on_log(values: NDArray[np.float64]) -> Estimate:
    """`Estimate.mean_of` for a logarithmic axis: its intervals end at the smallest run where they would reach zero."""
    mean = Estimate.mean_of(values)
    least = np.nanmin(np.where(np.isnan(values), np.inf, values), axis=-1)
    lower = np.where(np.asarray(mean.lower) > 0, mean.lower, np.minimum(least, mean.value))
    return dataclasses.replace(mean, lower=lower)


def beside(points: ArrayLike, number: int, count: int) -> NDArray[np.float64]:
    """Move points a little, so that the markers of `count` curves stand side by side.

    Args:
        points: shape (n,), increasing.
        number: of the curve, from 0 on.
        count: number of curves.
    """
    x = np.asarray(points, np.float64)
    return x + _APART * np.min(np.diff(x)) * (number - (count - 1) / 2)


def sharpness_chart(runs: PaperRuns, title: str, upper: float | None = None) -> Chart:
    """Sharpness at the start and at the end against the scale, with 2 / step and the bounds.

    Args:
        runs: to draw.
        title: of the chart.
        upper: largest sharpness that is shown; None for all.
    """
    scales, problem = runs.sweep.scales, runs.problem
    curves, shown = [], int(np.sum(runs.sweep.steps < SHOWN_BELOW)) + 1
    start = mean_on_log(runs.result.initial_sharpness)
    curves.append(Curve("at the start", beside(scales, 0, shown), start, Role.MEASURED))
    for number, step in enumerate(runs.sweep.steps):
        if step < SHOWN_BELOW:
            final, at = mean_on_log(runs.result.sharpness[number]), beside(scales, number + 1, shown)
            curves.append(Curve(f"trained, step {step:g}", at, final, Role.MEASURED, number + 1))
            curves.append(level(f"2 / {step:g}", scales, 2 / step, group=number + 1))
    curves.append(level("S_balanced", scales, float(balanced_sharpness(problem).value), Role.PREDICTED))
    curves.append(level("S_min", scales, float(minimal_sharpness(problem).value), Role.PREDICTED))
    curves.append(level("paper's lower bound", scales, float(paper_lower_bound(problem).value)))
    if upper is not None:
        curves.append(level("paper's upper bound", scales, upper))
    return Chart(title, SCALE, SHARPNESS, tuple(curves), LOG_BARS, log_y=True)


def distance_chart(runs: PaperRuns, title: str) -> Chart:
    """Squared distance to the least-squares solution at the end against the scale."""
    scales, d = runs.sweep.scales, runs.problem.regression.dimension
    start, count = mean_on_log(runs.result.initial_distance[0] ** 2 / d), runs.sweep.steps.size + 1
    curves = [Curve("at the start", beside(scales, 0, count), start, Role.MEASURED)]
    for number, step in enumerate(runs.sweep.steps):
        final, at = mean_on_log(runs.squared_distance[number]), beside(scales, number + 1, count)
        curves.append(Curve(f"trained, step {step:g}", at, final, Role.MEASURED, number + 1))
    curves.append(level("w = 0", scales, runs.problem.regression.norm**2 / d, Role.LIMIT))
    return Chart(title, SCALE, SQUARED_DISTANCE, tuple(curves), LOG_BARS, log_y=True)


def divergence_chart(runs: PaperRuns, title: str) -> Chart:
    """Share of diverged runs against the scale."""
    scales, count = runs.sweep.scales, runs.sweep.steps.size
    curves = tuple(
        Curve(f"step {step:g}", beside(scales, number, count), Estimate.share_of(lost), Role.MEASURED, number + 1)
        for number, (step, lost) in enumerate(zip(runs.sweep.steps, runs.result.diverged, strict=True))
    )
    return Chart(title, SCALE, "share of diverged runs", curves)


def sharpness_rows(runs: PaperRuns, start: str, final: dict[float, str]) -> list[Comparison]:
    """Means over the runs that did not diverge, one row for each step size.

    Args:
        runs: whose means are taken.
        start: the numbers of the paper at the start, as text.
        final: those at the end, by step size.
    """
    rows = [
        Comparison(
            "sharpness at the start, mean by scale",
            start,
            series(Estimate.mean_of(runs.result.initial_sharpness).value),
        )
    ]
    for number, step in enumerate(runs.sweep.steps):
        if step in final:
            means = series(Estimate.mean_of(runs.result.sharpness[number]).value)
            rows.append(Comparison(f"sharpness at the end, step {step:g} (2/step {2 / step:.4g})", final[step], means))
    return rows


def divergence_rows(runs: PaperRuns, expected: dict[float, str]) -> list[Comparison]:
    """Shares of diverged runs, one row for each step size."""
    return [
        Comparison(
            f"share diverged, step {step:g}", expected[step], series(runs.result.diverged[number].mean(axis=-1), 2)
        )
        for number, step in enumerate(runs.sweep.steps)
        if step in expected
    ]


def bound_rows(runs: PaperRuns) -> list[Comparison]:
    """Where every run that ended at a minimizer must lie."""
    result, s_min = runs.result, minimal_sharpness(runs.problem)
    rows = []
    for number, step in enumerate(runs.sweep.steps):
        ended = result.sharpness[number][result.at_minimizer[number]]
        if step * s_min.value > 2:
            rows.append(Comparison(f"runs at a minimizer, step {step:g} > 2/S_min", "0", str(ended.size)))
        elif ended.size:
            expected = f"in {text_ends(s_min.lower, 2 / step)}"
            rows.append(
                Comparison(
                    f"sharpness of {ended.size} minimizers, step {step:g}",
                    expected,
                    f"{text_down(ended.min())} to {text_up(ended.max())}",
                )
            )
    return rows


def figure_of(name: str, charts: tuple[Chart, ...], rows: list[Comparison], runs: PaperRuns) -> Figure:
    """Charts and rows with the data and verdicts of their runs.

    Args:
        name: of the figure.
        charts: at least one.
        rows: expected numbers beside measured ones.
        runs: that they are of.
    """
    return Figure(name, charts, tuple(rows), runs.data(), runs.verdicts())
