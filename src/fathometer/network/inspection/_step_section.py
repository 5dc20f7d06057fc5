"""How large a step can I take? The curvature of a loss, as a section of a report."""

from dataclasses import replace

import numpy as np

from fathometer.evidence import AtLeast, Estimate, Status, Verdict, judge, text_down, text_near
from fathometer.network.inspection._curved import Curved
from fathometer.network.steps import Edge, EdgeRule
from fathometer.report import Chart, Curve, Ranges, Role, Section, TextTable

TITLE = "How large a step can I take?"
RULES = (
    ("gradient descent", "2 / largest", EdgeRule.descent()),
    ("heavy ball, momentum 0.9", "3.8 / largest", EdgeRule.heavy_ball(0.9)),
    ("Nesterov, momentum 0.9", "1.357 / largest", EdgeRule.nesterov(0.9)),
)


def step_section(found: Curved) -> Section:
    """The section about the step.

    Args:
        found: curvature and critical step.
    """
    return Section(
        TITLE,
        (_about(found), TWO_NUMBERS, ADAM),
        tuple(_charts(found)),
        tuple(_verdicts(found)),
        ("optimiser", "largest stable step", "rule"),
        tuple((name, _stable(found, rule).text(4), text) for name, text, rule in RULES),
        (_numbers(found),),
        False,
        _answer(found),
    )


TWO_NUMBERS = (
    "The two numbers answer two questions. With steps above the first, descent grows in the direction of largest "
    "curvature, sooner or later. The second is about one step along this gradient alone, which may be far longer: "
    "descent has often taken the sharp directions out of the gradient already."
)
ENDED = {
    "tolerance": "the width that was asked for",
    "whole": "seeing the whole space",
    "products": "its number of products",
    "rounding": "rounding: more products would not help",
    "interrupted": "an interrupt",
}
ADAM = (
    "The rule is that of a quadratic: beyond it the direction of largest curvature grows. Training with larger steps "
    "does not always diverge, but then the curvature itself gives way (edge of stability). Adam and RMSProp are held "
    "against the curvature that their state has preconditioned: network.Watch follows it while training."
)


def _answer(found: Curved) -> str:
    largest, along = found.ends.largest, found.along.step
    if largest.upper <= 0:
        return "No step is too large for its curvature here: no direction curves upward."
    stable = _stable(found, EdgeRule.descent())
    said = (
        f"At most {text_down(stable.lower, 3)} for gradient descent, which is 2 / the largest eigenvalue of the"
        f" Hessian, {largest.text(5)}"
    )
    return f"{said}; one step along this gradient raises the loss from {along.text(3)} on."


def _stable(found: Curved, rule: EdgeRule) -> Estimate:
    return Edge(1.0, rule, found.ends.largest).largest_stable_step


def _about(found: Curved) -> str:
    whose = "that it was trained on" if found.trained else "as they were given"
    ends = found.ends
    sure = ends.largest.confidence
    upper = " is, too" if sure is None else f" holds with probability at least {text_down(sure)} over the random start"
    return (
        f"Measured for all {found.parameters:,} parameters on {found.rows} rows {whose}, where the loss is"
        f" {text_near(found.loss, 4)}: {ends.products} products of the Hessian with vectors. The lower end of the"
        f" largest eigenvalue is certain up to rounding, the upper end{upper}."
        f" The search ended by {ENDED.get(ends.ended, ends.ended)}."
    )


def _numbers(found: Curved) -> TextTable:
    rows = [
        ("largest eigenvalue", found.ends.largest.text(6)),
        ("smallest eigenvalue", found.ends.smallest.text(6)),
        ("critical step along the gradient", f"{found.along.step.text(4)}, {found.along.passes} forward passes"),
        ("critical sharpness, 2 / that", found.along.sharpness.text(4)),
        *((f"largest eigenvalue of {name}", largest.text(4)) for name, largest in found.parts.items()),
    ]
    return TextTable("In numbers", ("quantity", "value with its interval"), tuple(rows))


def _charts(found: Curved) -> list[Chart | Ranges]:
    drawn = [*([_along(found)] if np.isfinite(found.line).all() and len(found.line) else [])]
    return [*drawn, _parts(found)] if found.parts else list(drawn)


def _along(found: Curved) -> Chart:
    steps, seen = found.line.T
    smooth = np.linspace(0, steps[-1], 60)
    quadratic = -smooth * found.slope + smooth**2 * found.bend / 2
    ends = [min(seen.min(), quadratic.min()), max(seen.max(), quadratic.max())]
    stable = float(_stable(found, EdgeRule.descent()).value)
    marked = ((found.along.step.value, "critical step", 1), (stable, "2 / largest eigenvalue", 2))
    lines = [Curve(name, [float(x)] * 2, ends, Role.LIMIT, group) for x, name, group in marked if x <= steps[-1]]
    return Chart(
        "The loss along the gradient",
        "step (learning rate)",
        "loss after the step - loss here",
        (
            Curve("quadratic: -s g'g + s^2 g'Hg / 2", smooth, quadratic, Role.PREDICTED),
            Curve("measured", steps, seen, Role.MEASURED),
            *lines,
        ),
        "The critical step is where the loss is back at its value here. On a quadratic along the gradient it is never "
        "below 2 / largest eigenvalue.",
    )


def _parts(found: Curved) -> Ranges:
    return Ranges(
        "Largest eigenvalue of each part, the others held fixed",
        "largest eigenvalue",
        tuple(found.parts),
        Estimate.stack(list(found.parts.values())),
        float(found.ends.largest.value),
        "whole network",
        "None is above that of the whole. The upper ends would be lower with more products.",
    )


def _verdicts(found: Curved) -> list[tuple[str, Verdict]]:
    """What the rule assumes, and how far the network is from it."""
    stable = _stable(found, EdgeRule.descent())
    return [
        ("a minimum: nothing curves downward", _assumed(judge(AtLeast(0.0), found.ends.smallest, "edge_rule"))),
        (
            "a quadratic: the gradient's critical step is not below 2 / largest",
            _assumed(judge(AtLeast(stable.lower), found.along.step, "edge_rule")),
        ),
    ]


def _assumed(verdict: Verdict) -> Verdict:
    """A hypothesis that fails is no violated theorem."""
    if verdict.status is not Status.VIOLATED:
        return verdict
    return replace(verdict, status=Status.INAPPLICABLE, explanation=f"not so here: {verdict.explanation}")
