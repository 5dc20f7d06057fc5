"""Draw the picture of the README again: `python docs/make_pictures.py`."""

from pathlib import Path

from fathometer.tour import run_tour


def main() -> None:
    """Run the tour and keep its first chart on depth."""
    report = run_tour(quick=False, seed=0, announce=print)
    chart = report.sections[1].charts[0]
    (Path(__file__).parent / "largest-step.svg").write_text(chart.svg())


if __name__ == "__main__":
    main()
