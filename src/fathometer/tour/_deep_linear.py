"""The largest learning rate that your depth allows, on scikit-learn's diabetes data."""

from collections.abc import Callable

import numpy as np

from fathometer import deep_linear as dl
from fathometer.data import load_table
from fathometer.deep_linear.theorems.descent import descent_stability
from fathometer.deep_linear.theorems.sharpness import (
    largest_stable_step,
    minimal_sharpness_bracket,
    minimal_sharpness_exact,
    sharpness_lower_bound,
)
from fathometer.evidence import Estimate, Trajectory, Verdict, text_down, text_near, text_up
from fathometer.report import Chart, Curve, Role, Section

DEPTHS = (2, 4, 8, 16, 32, 64)
SHOWN_DEPTH = 8
SHOWN_STEPS = 240
LINEAR_STEPS = 40  # the displacement is still small after so many steps that grow by 1.1
WIDTH = 2
FACTORS = (0.95, 1.05)
STEPS = len(DEPTHS)

LEAD = (
    "A linear model written as a product of L matrices predicts no better, but it trains differently: the sharpness "
    "(largest eigenvalue of the Hessian) of every minimizer grows at least linearly with L, so the largest learning "
    "rate at which gradient descent can stay at a minimizer shrinks like 1/L. All predictions below come from the "
    "covariance of the data and the least-squares solution alone.",
    "Data: scikit-learn's diabetes set, standardized, 442 examples with 10 features. The measured step is found by "
    "running descent next to a flattest minimizer, with nothing but a bracket from 1/2 to 2 times the prediction "
    "taken from theory.",
)


def deep_linear_section(quick: bool, seed: int, announce: Callable[[str], None]) -> Section:
    """Run the demonstration.

    Args:
        quick: whether to draw fewer minimizers and run descent for fewer steps.
        seed: of the minimizers and displacements, at least 0.
        announce: is told what is computed next.
    """
    table = load_table("sklearn:diabetes", "target").standardized()
    data = dl.Regression.from_data(table.features, table.target)
    problems = [dl.DeepLinear(data, depth) for depth in DEPTHS]
    laws = [dl.depth_law(problem) for problem in problems]
    measured: list[Estimate] = []
    verdicts: list[tuple[str, Verdict]] = []
    runs: dict[float, Trajectory] = {}
    for problem, law in zip(problems, laws, strict=True):
        announce(f"deep linear: depth {problem.depth}")
        measured.append(
            dl.measure_largest_stable_step(problem, width=WIDTH, iterations=2000 if quick else 10_000, seed=seed)
        )
        verdicts += _verdicts(problem, measured[-1], 200 if quick else 2000, seed)
        for factor in FACTORS:
            step = factor * float(law.largest_stable_step.value)
            growth = descent_stability.THEOREM.test(displaced(problem, step, LINEAR_STEPS))
            verdicts.append((f"depth {problem.depth}, {factor} of the critical step", growth))
            if problem.depth == SHOWN_DEPTH:
                runs[factor] = displaced(problem, step, SHOWN_STEPS)
    charts = (_step_chart(laws, measured), _sharpness_chart(laws, problems), _descent_chart(runs))
    return Section(
        "Deep linear networks: the largest learning rate that your depth allows",
        LEAD,
        charts,
        tuple(verdicts),
        ("depth", "S_min", "S_balanced", "paper's bounds on S_min", "2/S_min", "paper's step", "measured"),
        tuple(_row(*row) for row in zip(DEPTHS, laws, measured, strict=True)),
    )


def displaced(problem: dl.DeepLinear, step: float, iterations: int) -> Trajectory:
    """Descent with one step size from next to a flattest minimizer.

    Args:
        problem: the network; `w_star` must explain something.
        step: step size, positive.
        iterations: number of steps, at least 1.
    """
    return dl.displaced_descent(dl.StabilityTest(problem, dl.flattest_minimizer(problem, WIDTH), step), iterations)


def _verdicts(problem: dl.DeepLinear, measured: Estimate, count: int, seed: int) -> list[tuple[str, Verdict]]:
    case = f"depth {problem.depth}"
    minimizers = dl.sample_minimizers(problem, WIDTH, count, seed)
    modules = (sharpness_lower_bound, minimal_sharpness_exact, minimal_sharpness_bracket)
    verdicts = [(f"{case}, {count + 2} minimizers", module.THEOREM.test(minimizers)) for module in modules]
    return [*verdicts, (case, largest_stable_step.THEOREM.judge(problem, measured))]


def _row(depth: int, law: dl.DepthLaw, measured: Estimate) -> tuple[str, ...]:
    return (
        str(depth),
        text_near(law.s_min.value),
        text_near(law.s_balanced.value),
        f"{text_down(law.s_lower_paper.lower)} to {text_up(law.s_upper_paper.upper)}",
        text_down(law.largest_stable_step.lower),
        text_down(law.paper_step.lower),
        f"{text_down(measured.lower)} to {text_up(measured.upper)}",
    )


def _values(laws: list[dl.DepthLaw], name: str) -> Estimate:
    return Estimate.stack([getattr(law, name) for law in laws])


def _step_chart(laws: list[dl.DepthLaw], measured: list[Estimate]) -> Chart:
    return Chart(
        "Largest stable learning rate against depth",
        "depth L (layers)",
        "learning rate (1 / sharpness)",
        (
            Curve("paper: 1 / (L a m^(2-2/L))", DEPTHS, _values(laws, "paper_step"), Role.LIMIT, 1),
            Curve("predicted: 2 / S_min", DEPTHS, _values(laws, "largest_stable_step"), Role.PREDICTED),
            Curve("measured by descent", DEPTHS, Estimate.stack(measured), Role.MEASURED),
        ),
        "The line is computed from the data; each marker is the largest step for which gradient descent returned to a "
        "flattest minimizer, with an error bar smaller than the marker. The paper's bound is valid and larger.",
        log_x=True,
        log_y=True,
        x_ticks=DEPTHS,
    )


def _sharpness_chart(laws: list[dl.DepthLaw], problems: list[dl.DeepLinear]) -> Chart:
    built = Estimate.stack([dl.sharpness_at_minimizer(p, dl.flattest_minimizer(p, WIDTH)) for p in problems])
    return Chart(
        "Sharpness of the flattest minimizer against depth",
        "depth L (layers)",
        "sharpness (risk / weight²)",
        (
            Curve("predicted: S_min", DEPTHS, _values(laws, "s_min"), Role.PREDICTED),
            Curve("S_balanced", DEPTHS, _values(laws, "s_balanced"), Role.LIMIT, 1),
            Curve("paper's lower bound", DEPTHS, _values(laws, "s_lower_paper"), Role.LIMIT, 2),
            Curve("paper's upper bound", DEPTHS, _values(laws, "s_upper_paper"), Role.LIMIT, 3),
            Curve("measured on a flattest network", DEPTHS, built, Role.MEASURED),
        ),
        "S_min grows linearly with depth. Gradient flow from a small start ends at S_balanced, which is close to it.",
        log_x=True,
        log_y=True,
        x_ticks=DEPTHS,
    )


def _descent_chart(runs: dict[float, Trajectory]) -> Chart:
    curves: list[Curve] = []
    for group, (factor, run) in enumerate(runs.items()):
        excess, steps = np.asarray(run.observed["excess_risk"].value), run.axis.points
        predicted = excess[0] * abs(1 - 2 * factor) ** (2 * steps)
        linear = (predicted < excess.max()) & (predicted > 1e-28)  # above the rounding of the weights
        name, shown = f"{factor} of the critical step", slice(None, None, 6)
        curves.append(Curve(f"predicted, {name}", steps[linear], predicted[linear], Role.PREDICTED, group))
        curves.append(Curve(f"measured, {name}", steps[shown], excess[shown], Role.MEASURED, group))
    return Chart(
        f"Descent next to a flattest minimizer, depth {SHOWN_DEPTH}",
        "step",
        "risk above its minimum",
        tuple(curves),
        "At 0.95 of the critical step a displacement shrinks by 0.9 per step, down to rounding. At 1.05 it grows by "
        "1.1 per step until descent is far from every minimizer, and it never returns.",
        log_y=True,
    )
