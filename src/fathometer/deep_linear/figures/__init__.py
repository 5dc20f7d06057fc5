"""The figures of Marion and Chizat (2024) and a few more: one file each, drawn from its parameters by one call."""

from importlib import import_module

from fathometer.evidence import InputError
from fathometer.numerics import keep_float64
from fathometer.report import Figure, FigureSettings

NAMES = (
    "sharpness-vs-scale",
    "divergence",
    "distance-vs-scale",
    "traces",
    "residual",
    "residual-traces",
    "depth-vs-step",
    "underdetermined",
    "gelu",
    "step-times-depth",
    "balanced-limit",
    "residual-story",
    "edge-of-stability",
    "period-doubling",
    "central-flows",
    "certified",
)
GROUPS = {"all": NAMES, "paper-linear": NAMES[:8]}
"""Names that stand for several figures: all, and those of the paper on linear networks."""


def draw(name: str, settings: FigureSettings) -> Figure:
    """Make one figure.

    Args:
        name: one of `NAMES`.
        settings: how.

    Raises:
        InputError: if no figure has this name.
    """
    if name not in NAMES:
        known = ", ".join((*NAMES, *GROUPS))
        raise InputError(f"no figure is called {name!r}; known: {known}")
    return import_module(f"{__name__}.{name.replace('-', '_')}").draw(settings)


keep_float64(__name__)
