"""The figures of Marion and Chizat (2024) and a few more: one file each, drawn from its parameters by one call."""

from importlib import import_module

from fathometer.evidence import InputError
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
    "edge-of-stability",
)


def draw(name: str, settings: FigureSettings) -> Figure:
    """Make one figure.

    Args:
        name: one of `NAMES`.
        settings: how.

    Raises:
        InputError: if no figure has this name.
    """
    if name not in NAMES:
        raise InputError(f"no figure is called {name!r}; known: {', '.join(NAMES)}")
    return import_module(f"{__name__}.{name.replace('-', '_')}").draw(settings)
