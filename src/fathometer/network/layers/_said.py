"""What a report says, in sentences."""

from typing import TYPE_CHECKING

import numpy as np

from fathometer.evidence import Estimate

if TYPE_CHECKING:
    from fathometer.network.layers._report import LayersReport
    from fathometer.network.layers._sites import SiteReport


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
        often = f"in {_percent(falls.share)} of the steps of {blocks} blocks, {_where(falls.blocks)}"
        said = f"is not monotone: it falls {often}"
    beside = ""
    if report.control_falls is not None:
        share = report.control_falls.share
        beside = f"; {report.control_name}: " + ("never" if share.value == 0 else f"in {_percent(share)}")
    return f"Energy: at beta {falls.beta:g} it {said}{beside}."


def _where(blocks: tuple[int, ...]) -> str:
    if not blocks:
        return "at no block in most texts"
    return f"in most texts at block {_list(blocks)}" if len(blocks) == 1 else f"in most texts at blocks {_list(blocks)}"


def _list(blocks: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, blocks[:12]))
    return shown if len(blocks) <= 12 else f"{shown} and {len(blocks) - 12} more"


def _clusters(report: "LayersReport") -> str:
    first, last = (report.sites[at].numbers for at in (0, -1))
    close = f"from {_percent(first['close_pairs'])} to {_percent(last['close_pairs'])} of the pairs"
    mean = f"the mean cosine goes from {first['mean_cosine'].value:.3f} to {last['mean_cosine'].value:.3f}"
    return f"Clusters: {close} have a cosine above 0.99, {mean}{_beside(report)}."


def _beside(report: "LayersReport") -> str:
    if not report.control:
        return "; no control was asked for, and without one this proves nothing"
    first, last = (report.control[at].numbers for at in (0, -1))
    pairs = f"{_percent(first['close_pairs'])} to {_percent(last['close_pairs'])}"
    return f"; {report.control_name}: {pairs}, {first['mean_cosine'].value:.3f} to {last['mean_cosine'].value:.3f}"


def _percent(share: Estimate) -> str:
    value = f"{100 * float(share.value):.3g} %"
    if not np.isfinite(share.lower) or not np.isfinite(share.upper):
        return value
    return f"{value} [{100 * float(share.lower):.3g}, {100 * float(share.upper):.3g}]"
