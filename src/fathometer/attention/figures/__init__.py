"""Figures of the theory of self-attention dynamics: one file each, drawn from its parameters by one call."""

from importlib import import_module
from inspect import signature
from typing import Any

from fathometer.attention.figures._certified import certified_figure as certified_figure
from fathometer.attention.figures._least_energy import least_energy_figure as least_energy_figure
from fathometer.attention.figures._threshold import (
    LayerThreshold as LayerThreshold,
    threshold_figure as threshold_figure,
    threshold_rows as threshold_rows,
)
from fathometer.evidence import InputError
from fathometer.numerics import keep_float64
from fathometer.report import Figure, FigureSettings

NAMES = (
    "circle-movie",
    "staircase",
    "sphere",
    "phase-diagram",
    "cosine-histograms",
    "collapse-sweep",
    "log-time-staircase",
    "first-pattern",
    "threshold",
    "random-values",
    "icosahedron",
)
ALIASES = {f"F{number}": name for number, name in enumerate(NAMES, 1)}


def draw(name: str, settings: FigureSettings, **options: Any) -> Figure:
    """Make one figure.

    Args:
        name: one of `NAMES`, or F1, F2 and so on in their order.
        settings: how.
        **options: of this figure, as the `draw` of its file takes them.

    Raises:
        InputError: if no figure has this name, or it has no such option.
    """
    name = ALIASES.get(name.upper(), name)
    if name not in NAMES:
        known = ", ".join(f"{short} or {long}" for short, long in ALIASES.items())
        raise InputError(f"no figure is called {name!r}; known: {known}")
    make = import_module(f"{__name__}.{name.replace('-', '_')}").draw
    allowed = list(signature(make).parameters)[1:]
    for option in options:
        if option not in allowed:
            raise InputError(f"figure {name} has no option {option!r}; it has: {', '.join(allowed) or 'none'}")
    return make(settings, **options)


keep_float64(__name__)
