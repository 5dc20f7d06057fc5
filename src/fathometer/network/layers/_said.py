"""What a report says, in sentences."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from fathometer.evidence import Estimate, text_ends, text_near

if TYPE_CHECKING:
    from fathometer.network.layers._report import LayersReport
    from fathometer.network.layers._sites import SiteReport

_ONE = 0.95
"""Mean cosine from which on tokens count as one cluster."""
_FEW = 1e-3
"""Share of the pairs that has to become close before clusters are spoken of."""


def findings(report: "LayersReport") -> tuple[str, ...]:
    """Say what was seen.

    Args:
        report: the report.
    """
    return (_explained(report), _energy(report), _clusters(report))


def _explained(report: "LayersReport") -> str:
    said = f"Distance: one step of the model explains {_range(report.sites)} of what a block does"
    beside = f" ({report.control_name}: {_range(report.control)})" if report.control else ""
    return f"{said}{beside}; no theorem on the model is confirmed or refuted by this network."


def _range(sites: "tuple[SiteReport, ...]") -> str:
    shares = [100 * float(site.step.explained.value) for site in sites if site.step is not None]
    known = [share for share in shares if np.isfinite(share)]
    return f"{min(known):.1f} to {max(known):.1f} %" if known else "nothing"


def _energy(report: "LayersReport") -> str:
    falls = report.falls
    blocks = len(report.sites) - 1
    if falls.share.value == 0:
        said = f"rises at all {blocks} blocks of every text, as along the model"
    else:
        often = f"in {percent(falls.share)} of the steps of {blocks} blocks, {_where(falls.blocks)}"
        said = f"is not monotone: it falls {often}"
    beside = ""
    if report.control_falls is not None:
        share = report.control_falls.share
        beside = f"; {report.control_name}: " + (
            "it never falls" if share.value == 0 else f"it falls in {percent(share)}"
        )
    return f"Energy: at beta {falls.beta:g} it {said}{beside}."


def _where(blocks: tuple[int, ...]) -> str:
    if not blocks:
        return "at no block in most texts"
    return f"in most texts at block {_list(blocks)}" if len(blocks) == 1 else f"in most texts at blocks {_list(blocks)}"


def _list(blocks: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, blocks[:12]))
    return shown if len(blocks) <= 12 else f"{shown} and {len(blocks) - 12} more"


def _clusters(report: "LayersReport") -> str:
    beside = "no control was asked for, and without one this proves little"
    if report.control:
        beside = f"{report.control_name}: {_gathered(report.control)}"
    return f"Clusters: {_gathered(report.sites)}; {beside}."


def _gathered(sites: "tuple[SiteReport, ...]") -> str:
    """Whether tokens gather, in how tight a way, with the numbers that say so."""
    first, last = sites[0].numbers, sites[-1].numbers
    pairs = f"{percent(first['close_pairs'])} to {percent(last['close_pairs'])} of the pairs above 0.99"
    mean = f"mean cosine {first['mean_cosine'].value:.3f} to {last['mean_cosine'].value:.3f}"
    return f"{_how(first, last)} ({pairs}, {mean})"


def _how(first: Mapping[str, Estimate], last: Mapping[str, Estimate]) -> str:
    close, before = last["close_pairs"], first["close_pairs"]
    if last["mean_cosine"].value > _ONE:
        return "all tokens gather in one cluster"
    clear = not np.isfinite(close.lower) or close.lower > before.value
    return "tight clusters form" if clear and close.value > before.value + _FEW else "no tight clusters form"


def percent(share: Estimate) -> str:
    """A share in percent with its interval, where it has one.

    Args:
        share: in [0, 1].
    """
    value = f"{text_near(100 * float(share.value), 3)} %"
    if not np.isfinite(share.lower) or not np.isfinite(share.upper):
        return value
    return f"{value} {text_ends(100 * float(share.lower), 100 * float(share.upper), 3)}"
