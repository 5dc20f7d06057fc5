"""What is shown of several depths: one table, and the largest stable step against depth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.deep_linear import DeepLinear, DepthLaw
    from fathometer.evidence import Estimate
    from fathometer.report import Figure

_COLUMNS = ("s_min", "s_balanced", "s_lower_paper", "largest_stable_step", "paper_step")
_TRAINED = 64  # depth up to which descent is run for the figure
_ITERATIONS = 600


def show_laws(depths: Sequence[int], laws: "Sequence[DepthLaw]", console: "Console") -> None:
    """One depth as a list of all values; several as a table of what depends on depth, one quantity after the other.

    Args:
        depths: one for each law.
        laws: what the data say.
        console: where to print.
    """
    from fathometer.report import print_estimates, print_rows

    if len(laws) == 1:
        print_estimates(vars(laws[0]), console)
        return
    rows = [
        (str(depth), name, getattr(law, name).text())
        for name in _COLUMNS
        for depth, law in zip(depths, laws, strict=True)
    ]
    print_rows(("depth", "quantity", "value"), rows, console)


def draw_laws(problems: "Sequence[DeepLinear]", laws: "Sequence[DepthLaw]") -> "Figure":
    """The largest stable step against depth: predicted, of the paper, and measured by descent up to depth 64.

    Args:
        problems: one for each depth.
        laws: theirs.
    """
    import numpy as np

    from fathometer.evidence import Estimate
    from fathometer.report import Chart, Comparison, Curve, Figure, Role

    order = np.argsort([problem.depth for problem in problems])
    problems, laws = [problems[i] for i in order], [laws[i] for i in order]
    depths = np.array([float(problem.depth) for problem in problems])
    predicted = Estimate.stack([law.largest_stable_step for law in laws])
    measured = [_measured(problem) for problem in problems]
    value, lower, upper = (np.array([getattr(m, end) for m in measured]) for end in ("value", "lower", "upper"))
    seen = Estimate.enclosed(value, lower, upper)
    curves = (
        Curve("paper: 2 / lower bound", depths, Estimate.stack([law.paper_step for law in laws]), Role.LIMIT, 1),
        Curve("predicted: 2 / S_min", depths, predicted, Role.PREDICTED),
        Curve("measured by descent", depths, seen, Role.MEASURED),
    )
    few = tuple(depths) if len(depths) <= 8 else ()
    wide, known = len(depths) > 1, bool(np.any(np.asarray(predicted.value) > 0))
    chart = Chart(
        "Largest stable step against depth",
        "depth L (layers)",
        "step (1 / sharpness)",
        curves,
        log_x=wide,
        log_y=known,
        x_ticks=few,
    )
    rows = tuple(
        Comparison(f"largest stable step, depth {problem.depth}", law.largest_stable_step.text(6), _text(m))
        for problem, law, m in zip(problems, laws, measured, strict=True)
    )
    data = {"depths": depths, "predicted": np.asarray(predicted.value), "measured": np.asarray(seen.value)}
    return Figure("deep-linear-sharpness", (chart,), rows, data)


def _measured(problem: "DeepLinear") -> "Estimate":
    """By descent next to a flattest minimizer; unknown for deep networks and where there is nothing to learn."""
    import math

    from fathometer import deep_linear as dl
    from fathometer.evidence import Estimate

    if problem.depth > _TRAINED or not problem.regression.explained > 0:
        return Estimate.enclosed(math.nan, -math.inf, math.inf)
    return dl.measure_largest_stable_step(problem, iterations=_ITERATIONS)


def _text(measured: "Estimate") -> str:
    import math

    from fathometer.evidence import text_down, text_up

    return "-" if math.isnan(measured.value) else f"{text_down(measured.lower)} to {text_up(measured.upper)}"
