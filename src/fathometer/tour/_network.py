"""A small transformer, trained here, and the three questions about it."""

from collections.abc import Callable
from dataclasses import replace

from fathometer.network import inspect_demo
from fathometer.report import Section

STEPS = 7
LEAD = (
    "The same questions to a network: a transformer of four blocks on scikit-learn's digits, trained here in"
    " seconds. fathometer network inspect asks them of networks of PyTorch, JAX, ONNX and transformers."
)


def network_sections(quick: bool, seed: int, announce: Callable[[str], None]) -> tuple[Section, ...]:
    """Run the demonstration.

    Args:
        quick: whether the loss is looked at on fewer rows.
        seed: of everything random but the training, at least 0.
        announce: is told what is computed next.
    """
    report = inspect_demo(lambda what: announce(f"network: {what}"), rows=32 if quick else 128, seed=seed)
    first, *others = (
        replace(section, title=f"A small transformer: {section.title[0].lower()}{section.title[1:]}")
        for section in report.sections
    )
    return (replace(first, lead=(LEAD, *first.lead)), *others)
