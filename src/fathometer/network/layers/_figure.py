"""The report over depth, as charts."""

from collections.abc import Callable

import numpy as np

from fathometer.evidence import Estimate
from fathometer.network.layers._report import LayersReport
from fathometer.network.layers._sites import SiteReport, StepReport
from fathometer.network.layers.measuring._bootstrap import CONFIDENCE
from fathometer.report import Chart, Comparison, Curve, Figure, Role, level

_MANY = 48
"""With more sites than these the axis of the blocks is logarithmic."""
_RUNGS = {
    "one": "one beta and tau",
    "heads": "a beta for each head",
    "pattern": "its own attention",
    "values": "its own values too",
}
Sites = tuple[SiteReport, ...]
Take = Callable[[SiteReport], Estimate]


def layers_figure(report: LayersReport) -> Figure:
    """Draw cosines, the energy, the ladder and close pairs over depth, the control beside.

    Args:
        report: what to draw.
    """
    charts = (_cosines(report), _energies(report), _ladder(report), _close(report))
    return Figure("network-layers", charts, _rows(report), _data(report))


def _cosines(report: LayersReport) -> Chart:
    x = np.arange(len(report.sites))
    bands = [
        Curve(label, _at(report, x), _values(report.sites, name), Role.LIMIT)
        for label, name in (("5 % quantile of its pairs", "cosine_q05"), ("95 % quantile", "cosine_q95"))
    ]
    curves = (*_pair(report, lambda site: site.numbers["mean_cosine"]), *bands)
    return _chart(report, "Cosines of pairs of tokens", "mean cosine", curves)


def _energies(report: LayersReport) -> Chart:
    def relative(sites: Sites) -> Take:
        start = float(sites[0].unit_energy.value)
        return lambda site: Estimate.exact(float(site.unit_energy.value) / start)

    curves = _pair(report, relative(report.sites), relative(report.control) if report.control else None)
    title = f"Energy at beta {report.beta:g}: along the model it never falls"
    one = level("where it starts", _at(report, np.arange(len(report.sites))), 1.0)
    return _chart(report, title, "unit energy / that at the first site", (*curves, one))


def _ladder(report: LayersReport) -> Chart:
    steps = [site.step for site in report.sites if site.step is not None]
    x = _at(report, np.arange(len(steps)))
    names = [name for name in _RUNGS if all(name in step.ladder for step in steps)]
    curves = [Curve(_RUNGS[name], x, _explained(steps, name), Role.MEASURED, group) for group, name in enumerate(names)]
    beside = [site.step for site in report.control if site.step is not None]
    if beside:
        curves.append(Curve(f"{report.control_name}: one beta and tau", x, _explained(beside, "one"), Role.LIMIT))
    return _chart(report, "Share of a block that the model explains", "share explained", tuple(curves))


def _close(report: LayersReport) -> Chart:
    return _chart(
        report, "Tight clusters", "share of pairs above 0.99", _pair(report, lambda s: s.numbers["close_pairs"])
    )


def _chart(report: LayersReport, title: str, y_label: str, curves: tuple[Curve, ...]) -> Chart:
    many = len(report.sites) > _MANY
    return Chart(title, "1 + blocks passed" if many else "blocks passed", y_label, curves, log_x=many)


def _at(report: LayersReport, blocks: np.ndarray) -> np.ndarray:
    return blocks + 1 if len(report.sites) > _MANY else blocks


def _pair(report: LayersReport, take: Take, beside: Take | None = None) -> tuple[Curve, ...]:
    """A curve of the network, and one of the control if there is any."""
    x = _at(report, np.arange(len(report.sites)))
    own = Curve("the network", x, _stacked([take(site) for site in report.sites]), Role.MEASURED, 0)
    if not report.control:
        return (own,)
    other = [(beside or take)(site) for site in report.control]
    return (own, Curve(f"control: {report.control_name}", x, _stacked(other), Role.MEASURED, 1))


def _values(sites: Sites, name: str) -> np.ndarray:
    return np.array([site.numbers[name].value for site in sites])


def _explained(steps: list[StepReport], rung: str) -> Estimate:
    return _stacked([step.ladder[rung].explained for step in steps])


def _stacked(estimates: list[Estimate]) -> Estimate:
    value, lower, upper = (np.array([getattr(e, end) for e in estimates]) for end in ("value", "lower", "upper"))
    return Estimate.sampled(value, lower, upper, CONFIDENCE)


def _rows(report: LayersReport) -> tuple[Comparison, ...]:
    shares = np.array([site.step.explained.value for site in report.sites if site.step is not None])
    return (
        Comparison(
            "share of a block that one step explains, largest", "1 if the model were true", f"{shares.max():.3g}"
        ),
        Comparison("share of steps in which the energy falls", "0", f"{report.falls.share.value:.3g}"),
    )


def _data(report: LayersReport) -> dict[str, np.ndarray]:
    named = {"network": report.sites} | ({"control": report.control} if report.control else {})
    data = {
        f"{who}_{name}": _values(sites, name)
        for who, sites in named.items()
        for name in ("mean_cosine", "cosine_q05", "cosine_q95", "close_pairs")
    }
    for who, sites in named.items():
        data[f"{who}_unit_energy"] = np.array([site.unit_energy.value for site in sites])
        data[f"{who}_explained"] = np.array([site.step.explained.value for site in sites if site.step is not None])
    return data
