"""Computations by their names."""

from importlib import import_module

from fathometer.evidence import InputError
from fathometer.study import Computation

_PLACES = {
    "collapse": "attention.collapse",
    "phase": "attention.phase",
    "batch": "attention.batch",
    "threshold": "attention.threshold",
    "minimal-energy": "attention.minimal_energy",
    "train": "deep_linear.train",
    "sweep": "deep_linear.sweep",
    "sharpness": "deep_linear.sharpness",
    "certify": "generalization.certify",
    "coverage": "generalization.coverage",
    "reproduce": "generalization.reproduce",
    "network-layers": "network.layers",
    "network-sharpness": "network.sharpness",
}


def names() -> tuple[str, ...]:
    """All names, theory by theory."""
    return tuple(_PLACES)


def find(name: str) -> Computation:
    """Return the computation of that name.

    Raises:
        InputError: if there is none.
    """
    if name not in _PLACES:
        raise InputError(f"no computation is called {name!r}; known: {', '.join(_PLACES)}")
    return import_module(f"fathometer.computations.{_PLACES[name]}").COMPUTATION
