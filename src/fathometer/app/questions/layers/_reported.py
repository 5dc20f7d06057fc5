"""A report on layers as the page draws it: histograms, means and shares of model, fitted flow and control."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.app.questions._question import Answer

if TYPE_CHECKING:
    from fathometer.attention import LayerStatistics
    from fathometer.network.layers import LayersReport, SiteReport

States = Sequence[NDArray[np.floating]]
"""Tokens of one text, one array of shape (n, d) a site."""
KEPT = ("mean", "low", "high", "close", "rank")
_ENDS = ("value", "lower", "upper")


def reported(report: "LayersReport", control: Mapping[int, States]) -> Answer:
    """Everything of a report that is drawn.

    Args:
        report: with states of its texts.
        control: states of the control by text; empty if there is none.
    """
    texts = list(report.states.values())
    flows = [flow_states(report, states) for states in texts]
    arrays = clouds("model", [statistics(states) for states in texts])
    arrays |= clouds("flow", [statistics(states) for states in flows])
    if control:
        arrays |= clouds("control", [statistics(states) for states in control.values()])
    arrays |= steps("explained", report.sites) | {"beta": _of(report.sites, "beta"), "tau": _of(report.sites, "tau")}
    if report.control:
        arrays |= steps("control_explained", report.control)
    return Answer(_said(report) | {"layers": list(range(len(report.sites)))}, arrays)


def _said(report: "LayersReport") -> dict[str, Any]:
    control = f"control: {report.control_name}" if report.control else ""
    numbers = {"texts": report.texts, "tokens": report.tokens, "causal": report.causal}
    notes = [note for note in report.notes if not note.startswith("theorems stand beside")]  # none was asked for
    lines = {"findings": list(report.findings), "notes": notes}
    return {"name": report.network, "control": control, **numbers, **lines}


def statistics(states: States) -> "LayerStatistics":
    """Cosines of the tokens of one text at every site."""
    from fathometer.attention import layer_statistics

    return layer_statistics(np.stack(states))


def flow_states(report: "LayersReport", states: States) -> list[NDArray[np.float64]]:
    """Where the fitted steps lead the tokens of the first site, one step after another.

    Args:
        report: with the fit of every block.
        states: of one text.
    """
    from fathometer.network.layers import take_step

    reached = [np.asarray(states[0], np.float64)]
    for beta, tau in zip(_of(report.sites, "beta"), _of(report.sites, "tau"), strict=True):
        still = np.isnan(beta)  # no step explains anything
        reached.append(reached[-1] if still else take_step(reached[-1], float(beta), float(tau), causal=report.causal))
    return reached


def clouds(name: str, texts: "Sequence[LayerStatistics]") -> dict[str, NDArray]:
    """Densities of the cosines in 100 bins and their numbers, means over texts.

    Args:
        name: what they are of.
        texts: each with the same layers.
    """
    pairs = {"density": "density", "centred": "centred_density"}
    halves = {ours: np.mean([getattr(text, theirs) for text in texts], axis=0) for ours, theirs in pairs.items()}
    densities = {ours: (fine[:, ::2] + fine[:, 1::2]) / 2 for ours, fine in halves.items()}
    numbers = {field: np.mean([getattr(text, field) for text in texts], axis=0) for field in KEPT}
    return {f"{name}_{field}": values for field, values in (densities | numbers).items()}


def steps(name: str, sites: "Sequence[SiteReport]") -> dict[str, NDArray]:
    """Share of each block that a step of the model explains, with its interval over texts.

    Args:
        name: what it is called.
        sites: of a report.
    """
    shares = [site.step.explained for site in sites if site.step is not None]
    return {f"{name}_{end}": np.array([getattr(share, end) for share in shares], np.float64) for end in _ENDS}


def _of(sites: "Sequence[SiteReport]", name: str) -> NDArray[np.float64]:
    return np.array([getattr(site.step, name).value for site in sites if site.step is not None], np.float64)
