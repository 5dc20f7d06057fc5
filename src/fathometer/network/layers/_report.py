"""The report on the layers of a network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError, Provenance, Trajectory
from fathometer.network.layers._descent import EnergyFalls, energy_falls
from fathometer.network.layers._reducer import LayersReducer
from fathometer.network.layers._said import findings
from fathometer.network.layers._sites import SiteReport, common_beta, moments_of, site_reports
from fathometer.network.layers._theorems import Beside, CloudReport, beside, cloud_report, in_model_time, recorded
from fathometer.network.layers.measuring._cloud import energy

JUDGED = 3
"""Texts beside which theorems are put: these cost more than all observables."""
PACKAGES = ("fathometer", "numpy", "scipy", "jax", "torch", "transformers", "onnxruntime")
"""Whose versions a report says."""
_INSTEAD = 1.0
"""Where the fitted inverse temperature is 0 the energy is constant, and is looked at here instead."""


@dataclass(frozen=True, eq=False)
class LayersReport:
    """What the layers of a network do to tokens, beside what the model does.

    Attributes:
        network: what was looked at.
        sites: places between blocks, in order, with the block that follows each.
        control: the same of a control, or empty.
        control_name: what the control is; empty if there is none.
        beta: inverse temperature of the energies.
        beta_from: "given", "fitted", or why it is another.
        texts: how many texts everything is averaged over.
        tokens: how many they have together.
        causal: whether tokens see only those before them.
        falls: where the energy falls.
        control_falls: the same of the control.
        beside: theorems beside the tokens of the first texts.
        clouds: the tokens of these texts as problems of the theory.
        integrity: largest difference from the network's own hidden states, by site.
        notes: what else a reader must know.
        states: tokens of the texts that were kept, by text and site.
        provenance: what it was made with.
    """

    network: str
    sites: tuple[SiteReport, ...]
    control: tuple[SiteReport, ...]
    control_name: str
    beta: float
    beta_from: str
    texts: int
    tokens: int
    causal: bool
    falls: EnergyFalls
    control_falls: EnergyFalls | None
    beside: tuple[Beside, ...]
    clouds: tuple[CloudReport, ...]
    integrity: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    states: Mapping[int, Sequence[NDArray[np.floating]]] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    def trajectory(self, text: int = 0) -> Trajectory:
        """The tokens of a text along the layers, for any observable of tokens.

        Raises:
            InputError: if its states were not kept.
        """
        if text not in self.states:
            raise InputError(f"states of text {text} were not kept; kept: {sorted(self.states)[:20]}")
        return recorded(self.states[text], self.beta)

    @property
    def findings(self) -> tuple[str, ...]:
        """What it says, in a few sentences."""
        return findings(self)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the states as JSON values."""
        beside = self.control or (None,) * len(self.sites)
        return {
            "network": self.network,
            "texts": self.texts,
            "tokens": self.tokens,
            "causal": self.causal,
            "beta": self.beta,
            "beta_from": self.beta_from,
            "control": self.control_name or None,
            "sites": [
                _row(site) | {"control": other and _row(other)} for site, other in zip(self.sites, beside, strict=True)
            ],
            "energy_falls": self.falls.to_json(),
            "control_energy_falls": self.control_falls and self.control_falls.to_json(),
            "theorems": [each.to_json() for each in self.beside],
            "clouds": [each.to_json() for each in self.clouds],
            "integrity": dict(self.integrity),
            "findings": list(self.findings),
            "notes": list(self.notes),
            "provenance": self.provenance.to_json(),
        }


def layers_report(
    reducer: LayersReducer,
    control: LayersReducer | None = None,
    control_name: str = "",
    *,
    beta: float | str = "fit",
    network: str = "",
    integrity: Mapping[str, float] | None = None,
    notes: Sequence[str] = (),
    judged: int = JUDGED,
    seed: int | None = None,
) -> LayersReport:
    """Make the report of what a reducer has seen.

    Args:
        reducer: has seen the network.
        control: has seen a control with as many blocks, or None.
        control_name: what the control is.
        beta: inverse temperature of the energies, between 0 and 128, or "fit": the one that explains most.
        network: what was looked at, in a few words.
        integrity: largest difference from the network's own hidden states, by site.
        notes: what else a reader must know.
        judged: texts beside which theorems are put, at most.
        seed: that what is random in the control came from; None if nothing did.

    Raises:
        InputError: if no text of two or more tokens was seen, or the control has other blocks.
    """
    others = () if control is None else (control,)
    for each in (reducer, *others):
        each.finish()
    _check(reducer, control)
    inverse, source = _energy_beta(reducer, beta)
    labels = list(site_names(reducer.first or 0, reducer.depth))
    sites = site_reports(reducer, labels, inverse)
    states = reducer.whole()
    runs = {text: recorded(kept, inverse) for text, kept in list(states.items())[:judged]}
    return LayersReport(
        network,
        sites,
        () if control is None else site_reports(control, labels, inverse),
        control_name if control else "",
        inverse,
        source,
        len(reducer.texts),
        sum(reducer.steps[0][text].tokens for text in reducer.texts),
        reducer.causal,
        _falls(reducer, inverse),
        None if control is None else _falls(control, inverse),
        tuple(each for text, run in runs.items() for each in _beside(run, text, sites, causal=reducer.causal)),
        tuple(cloud_report(run, text) for text, run in runs.items()),
        dict(integrity or {}),
        (*notes, *_notes(reducer, control, len(states), len(runs))),
        states,
        Provenance.here(seed, PACKAGES),
    )


def site_names(first: int, blocks: int) -> tuple[str, ...]:
    """Names of the residual stream before each block and after the last one.

    Args:
        first: number of the first block.
        blocks: how many there are.
    """
    numbers = range(first, first + blocks)
    return (*(f"blocks.{block}.resid_pre" for block in numbers), f"blocks.{numbers[-1]}.resid_post")


def _check(reducer: LayersReducer, control: LayersReducer | None) -> None:
    if not reducer.texts:
        raise InputError("no text of two or more tokens went through all blocks")
    if control is not None and (not control.texts or control.depth != reducer.depth):
        raise InputError(f"the control must go through all {reducer.depth} blocks; a control of other texts needs two")


def _energy_beta(reducer: LayersReducer, beta: float | str) -> tuple[float, str]:
    if beta != "fit":
        energy(np.zeros(97), float(beta))
        return float(beta), "given"
    found = common_beta(reducer)
    if found == 0:
        return _INSTEAD, "the fit is 0, where the energy is constant: 1 instead"
    return found, "fitted"


def _falls(reducer: LayersReducer, beta: float) -> EnergyFalls:
    return energy_falls(energy(moments_of(reducer), beta), beta)


def _beside(run: Trajectory, text: int, sites: Sequence[SiteReport], *, causal: bool) -> list[Beside]:
    steps = [site.step for site in sites if site.step is not None]
    taus, explained = ([getattr(step, name).value for step in steps] for name in ("tau", "explained"))
    return beside(in_model_time(run, taus, causal=causal), text, Estimate.exact(explained))


def _notes(reducer: LayersReducer, control: LayersReducer | None, kept: int, judged: int) -> list[str]:
    texts, said = len(reducer.texts), []
    if texts == 1:
        said.append("one text: there is no interval over texts, and all of them are open")
    if control is not None and len(control.texts) < texts:
        said.append(f"the control is of {len(control.texts)} texts")
    if kept < texts:
        said.append(f"the states of {kept} of {texts} texts fit in memory and were kept")
    if judged < texts:
        said.append(f"theorems stand beside the first {judged} texts")
    if any(step.is_sampled for step in reducer.steps[0].values()):
        said.append(
            f"the rungs above the first are fitted to at most {reducer.sample} tokens of a text, drawn at random"
        )
    return said


def _row(site: SiteReport) -> dict[str, Any]:
    step = site.step
    return {
        "site": site.site,
        **{name: estimate.to_json() for name, estimate in site.numbers.items()},
        "unit_energy": site.unit_energy.to_json(),
        **{name: step and getattr(step, name).to_json() for name in ("moved", "beta", "tau", "explained")},
        "ladder": step and {name: _rung(rung) for name, rung in step.ladder.items()},
        "histogram": list(site.histogram),
    }


def _rung(rung: Any) -> dict[str, Any]:
    return {
        "explained": rung.explained.to_json(),
        "betas": None if rung.betas is None else list(rung.betas),
        "taus": list(rung.taus),
        "tokens": rung.tokens,
    }
