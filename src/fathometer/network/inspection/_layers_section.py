"""Do my tokens collapse? The layers of a network beside the particle model, as a section of a report."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from fathometer.evidence import Verdict, text_inward
from fathometer.network.layers import Beside, LayersReport, SiteReport, layers_figure
from fathometer.network.layers._said import percent
from fathometer.report import Chart, Histogram, Section, TextTable

TITLE = "Do my tokens collapse?"
COLLAPSED = 0.9
"""Share of the pairs with a cosine above 0.99 from which on the tokens count as one cluster."""
CLUSTERED = 0.01
"""Share from which on some of them count as clustered."""
CAPTIONS = (
    "A mean near 1 alone is no collapse: tokens may share one direction. The table has the mean cosine after the mean "
    "token is subtracted, and the control shows what random weights do.",
    "Prediction: on or above the line, as the energy never falls under the model. Markers: measured.",
    "Prediction: 1, where tokens move as the model says; 0 where it explains nothing. The first curve fits beta and "
    "tau; each further one takes more from the network itself.",
)


def layers_section(report: LayersReport) -> Section:
    """The section about the tokens of a network.

    Args:
        report: on its layers.
    """
    return Section(
        TITLE,
        (*report.findings, _told(report)),
        tuple(_charts(report)),
        tuple((f"text {each.text}", each.verdict) for each in report.beside),
        (
            "site",
            "mean cosine",
            "mean cosine, centred",
            "pairs above 0.99",
            f"energy, beta {report.beta:g}",
            "effective rank",
        ),
        tuple(map(_site, report.sites)),
        (_blocks(report), _theorems(report)),
        True,
        _answer(report),
    )


def _answer(report: LayersReport) -> str:
    first, last = (report.sites[at].numbers for at in (0, -1))
    close, mean = float(last["close_pairs"].value), float(last["mean_cosine"].value)
    said = "Yes" if close >= COLLAPSED else "In part" if close >= CLUSTERED else "No"
    control = report.control[-1].numbers if report.control else None
    beside = (
        f" ({report.control_name}: {percent(control['close_pairs'])}, {control['mean_cosine'].value:.2f})"
        if control
        else ""
    )
    return (
        f"{said}: after the last block {percent(last['close_pairs'])} of the pairs of tokens have a cosine above 0.99,"
        f" and the mean cosine has gone from {first['mean_cosine'].value:.2f} to {mean:.2f}{beside}."
        f" The particle model explains {_best(report.sites)} of what a block does, so its theorems do not decide."
    )


def _best(sites: Sequence[SiteReport]) -> str:
    shares = [float(site.step.explained.value) for site in sites if site.step is not None]
    known = [share for share in shares if np.isfinite(share)]
    return f"at most {100 * max(known):.1f} %" if known else "nothing"


def _told(report: LayersReport) -> str:
    checked = _checked(max(report.integrity.values())) if report.integrity else ""
    notes = " ".join(f"{note[0].upper()}{note[1:]}." for note in report.notes)
    return f"{report.texts} texts with {report.tokens} tokens. {checked}{notes}"


def _checked(gap: float) -> str:
    if gap == 0:
        return "Recorded states are those of the network itself, to the bit. "
    return f"Recorded states differ from the network's own by at most {gap:.1e} of their size. "


def _charts(report: LayersReport) -> list[Chart | Histogram]:
    drawn = [panel for panel in layers_figure(report).charts if isinstance(panel, Chart)]
    captions = (*CAPTIONS, *[""] * len(drawn))
    charts = [
        replace(chart, caption=caption, x_ticks=_ticks(chart)) for chart, caption in zip(drawn, captions, strict=False)
    ]
    return [*charts[:3], _histogram(report)]


def _ticks(chart: Chart) -> tuple[float, ...]:
    """Whole numbers, not too many; as they are chosen where there are many blocks."""
    last = int(max(np.max(np.asarray(curve.x, float)) for curve in chart.curves))
    return () if chart.log_x else tuple(range(0, last + 1, 1 + last // 14))


def _histogram(report: LayersReport) -> Histogram:
    last = len(report.sites) - 1
    shown = {f"site {number}": report.sites[number].histogram for number in dict.fromkeys((0, last // 2, last))}
    if report.control:
        shown[f"site {last}, {report.control_name}"] = report.control[-1].histogram
    return Histogram(
        "All pairs of tokens",
        "cosine",
        "density",
        np.linspace(-1, 1, 101),
        {label: 50 * np.asarray(shares) for label, shares in shown.items()},
        "Clusters are the mass at the right end.",
        log_y=True,
    )


def _site(site: SiteReport) -> tuple[str, ...]:
    return (
        site.site,
        site.numbers["mean_cosine"].text(3),
        site.numbers["centred_mean_cosine"].text(2),
        percent(site.numbers["close_pairs"]),
        site.unit_energy.text(4),
        site.numbers["effective_rank"].text(3),
    )


def _blocks(report: LayersReport) -> TextTable:
    control = (report.control_name,) if report.control else ()
    return TextTable(
        "What each block does, and the step of the model that fits it best",
        ("block after site", "moved", "beta", "tau", "explained", *(f"explained, {name}" for name in control)),
        tuple(_block(report, number) for number, site in enumerate(report.sites) if site.step is not None),
        "Moved: mean squared distance that the block moves unit tokens. Beta, tau: inverse temperature and time of the"
        " step of the model that fits best; a negative tau repels tokens. Explained: its share of the movement.",
    )


def _block(report: LayersReport, number: int) -> tuple[str, ...]:
    steps = [sites[number].step for sites in (report.sites, report.control) if sites]
    step = steps[0]
    assert step is not None
    numbers = (e.text(3) for e in (step.moved, step.beta, step.tau))
    return (report.sites[number].site, *numbers, *(percent(each.explained) for each in steps if each is not None))


def _theorems(report: LayersReport) -> TextTable:
    """One line a theorem: first those that ask for nothing but motion by the model."""
    groups: dict[str, list[Beside]] = {}
    for each in report.beside:
        groups.setdefault(each.verdict.theorem, []).append(each)
    fitting = [group for group in groups.values() if not all(map(_of_others, group))]
    return TextTable(
        "Theorems beside the tokens",
        ("theorem", "its conclusion, by text", "distance", "from the hypothesis that fails by most"),
        (*map(_line, fitting), *_of_other_tokens(groups.values())),
        "None is confirmed or refuted by a network: each asks for tokens that move by the model. The distance is how"
        " far the tokens are from what it asks for, negative where it fails; all verdicts are below.",
    )


def _of_others(each: Beside) -> bool:
    """Whether the theorem speaks of other tokens, whatever moves them."""
    return each.conclusion.startswith("not asked")


def _line(group: Sequence[Beside]) -> tuple[str, ...]:
    worst = min(group, key=lambda each: _or_zero(each.verdict.margin))
    counts = Counter("speaks of other tokens" if _of_others(each) else each.conclusion for each in group)
    said = ", ".join(f"{conclusion} ({count})" for conclusion, count in counts.items())
    return (f"{worst.verdict.theorem}: {worst.title}", said, _margin(worst), _hypothesis(worst.verdict))


def _of_other_tokens(groups: Iterable[Sequence[Beside]]) -> list[tuple[str, ...]]:
    """Theorems on other tokens, those that ask for the same in one line."""
    by_hypothesis: dict[str, list[Beside]] = {}
    for group in groups:
        if all(map(_of_others, group)):
            worst = min(group, key=lambda each: _or_zero(each.verdict.margin))
            by_hypothesis.setdefault(_hypothesis(worst.verdict), []).append(worst)
    return [
        (", ".join(each.verdict.theorem for each in same), "speaks of other tokens", _margin(same[0]), hypothesis)
        for hypothesis, same in by_hypothesis.items()
    ]


def _margin(each: Beside) -> str:
    return "" if each.verdict.margin is None else text_inward(each.verdict.margin, 3)


def _hypothesis(verdict: Verdict) -> str:
    failing = [check for check in verdict.checks if check.margin == verdict.margin]
    return failing[0].hypothesis if failing else ""


def _or_zero(margin: float | None) -> float:
    return 0.0 if margin is None else margin
