"""Figures on generalization: one file each, drawn by one call."""

from importlib import import_module

from fathometer.evidence import InputError
from fathometer.numerics import keep_float64
from fathometer.report import Figure, FigureSettings

NAMES = ("bridge",)


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
    return import_module(f"{__name__}.{name}").draw(settings)


keep_float64(__name__)
