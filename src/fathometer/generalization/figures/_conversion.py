"""The conversion on a user's table: certified risk against the rows that certify, and against the distance."""

from collections.abc import Sequence

import numpy as np

from fathometer.generalization.learning.conversion import UNIFORM, ConversionLine
from fathometer.report import Chart, Curve, Figure, Role

SHOWN = {
    "output_conversion": "converted: through the output",
    "margin_transport": "converted: transport of margins",
    "risk_transport": "converted: transport of the risk",
    "smooth": "converted: smoothing, chaining, interpolation",
    "uniform": "parent: uniform convergence",
    "maurer_seeger": "parent: PAC-Bayes, of the randomised twin",
}
SMOOTHED = ("smooth_gauss", "smooth_mean", "kl_w1_interp", "chain_gauss")


def conversion_figure(lines: Sequence[ConversionLine], regime: str) -> Figure:
    """Two charts of one regime: the fully trained model at every size, and every distance at the largest size.

    Args:
        lines: of any regimes.
        regime: whose lines are drawn.
    """
    own = [line for line in lines if line.regime == regime]
    last, most = max(line.step for line in own), max(line.m for line in own)
    sizes = [line for line in own if line.step == last]
    places = [line for line in own if line.m == most and line.distance > 0]
    charts = [_chart(f"{regime}: trained model", "rows that certify", [line.m for line in sizes], sizes)]
    if places:
        title, distances = f"{regime}: {most} rows", [line.distance for line in places]
        charts.append(_chart(title, "distance from the prior", distances, places))
    data = {"m": np.array([line.m for line in own]), "distance": np.array([line.distance for line in own])}
    data |= {name: np.array([_of(line, name) for line in own]) for name in SHOWN}
    return Figure(f"conversion-{regime}", tuple(charts), (), data)


def _chart(title: str, label: str, x: Sequence[float], lines: Sequence[ConversionLine]) -> Chart:
    at = np.array(x, np.float64)
    curves = [
        Curve(text, at, np.array([_of(line, name) for line in lines]), Role.PREDICTED, number)
        for number, (name, text) in enumerate(SHOWN.items())
    ]
    curves.append(
        Curve("rows that nobody used, measured", at, np.array([line.measured for line in lines]), Role.MEASURED)
    )
    caption = "All certificates of one model hold together with the stated probability; 1 says nothing."
    return Chart(title, label, "certified risk", tuple(curves), caption, True, True)


def _of(line: ConversionLine, name: str) -> float:
    families = {"smooth": SMOOTHED, "uniform": UNIFORM}
    return line.smallest(families.get(name, (name,)))[1]
