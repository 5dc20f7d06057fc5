"""Draw the pictures of README and docs again: `python docs/make_pictures.py`."""

import io
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_digits

from fathometer.deep_linear.figures import draw
from fathometer.generalization.figures._conversion import conversion_figure
from fathometer.generalization.learning.conversion import conversion_lines
from fathometer.network.steps import edge_demonstration, watch_figure
from fathometer.report import FigureSettings, render
from fathometer.tour import run_tour

HERE = Path(__file__).parent
_COLOURS = 32


def largest_step() -> None:
    """Run the tour and keep its first chart on depth."""
    report = run_tour(quick=False, seed=0, announce=print)
    (HERE / "largest-step.svg").write_text(report.sections[1].charts[0].svg())


def conversion() -> None:
    """Hold the conversion against its parents on digits, "8 or not": a linear model, and an inner layer."""
    x, labels = load_digits(return_X_y=True)
    lines = list(conversion_lines(x, labels == 8, ("linear", "low-rank")))
    charts = [conversion_figure(lines, name).charts[1] for name in ("linear", "rank 4")]
    (HERE / "conversion.svg").write_bytes(render(charts, "svg"))


def steps_of_networks() -> None:
    """Train a small network at the edge of stability, and keep what a watch has seen."""
    charts = watch_figure(edge_demonstration(rate=0.1)).charts
    (HERE / "network-steps.svg").write_bytes(render(charts, "svg"))


def period_doubling() -> None:
    """Follow descent on scalar networks beyond the largest stable step."""
    charts = draw("period-doubling", FigureSettings()).charts
    drawn = Image.open(io.BytesIO(render(charts, "png"))).convert("RGB")
    few = drawn.quantize(_COLOURS, dither=Image.Dither.NONE)  # a third of the size; the same to the eye
    few.save(HERE / "period-doubling.png", optimize=True)


def main() -> None:
    """Draw all of them."""
    largest_step()
    conversion()
    steps_of_networks()
    period_doubling()


if __name__ == "__main__":
    main()
