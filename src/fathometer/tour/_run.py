"""All sections of the tour, one after the other."""

from collections.abc import Callable

from fathometer.evidence import Provenance
from fathometer.report import Report
from fathometer.tour import _attention, _deep_linear, _generalization, _network

TITLE = "fathometer tour: three theories of deep networks, on real input, and a network"
PACKAGES = ("fathometer", "jax", "diffrax", "numpy", "scipy", "scikit-learn")
STEPS = _attention.STEPS + _deep_linear.STEPS + _generalization.STEPS + _network.STEPS
"""How often `run_tour` announces something."""


def run_tour(quick: bool, seed: int, announce: Callable[[str], None]) -> Report:
    """Run the demonstrations.

    Args:
        quick: smaller runs, under a minute.
        seed: of everything random.
        announce: told in a few words what comes next, `STEPS` times.
    """
    sections = (
        _attention.attention_section(quick, seed, announce),
        _deep_linear.deep_linear_section(quick, seed, announce),
        _generalization.generalization_section(quick, seed, announce),
        *_network.network_sections(quick, seed, announce),
    )
    return Report(TITLE, sections, Provenance.here(seed, PACKAGES))
