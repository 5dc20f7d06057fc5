"""`fathometer certify conversion`: every route from PAC-Bayes to the deployed predictor beside its parents."""

from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.certify.certify import Delta, Target

if TYPE_CHECKING:
    from fathometer.generalization.learning.conversion import ConversionLine

Binary = Annotated[
    str | None,
    typer.Option("--data", help="Table of two classes, all columns numbers: as for certify.", metavar="DATA"),
]
Regimes = Annotated[
    str,
    typer.Option(
        help="Models, separated by commas: linear, equal-prior, head, low-rank, biases.", metavar="NAME,NAME..."
    ),
]

HEADINGS = ("regime", "m", "distance", "measured", "converted", "uniform", "twin", "twice", "nobody's rows")


def conversion(
    data: Binary = None,
    target: Target = None,
    regimes: Regimes = "linear",
    delta: Delta = 0.05,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Compare certificates that were converted from PAC-Bayes with their parents, for more and more rows and distance.

    A line is one model between a prior, trained on other rows, and what all rows train. Its certificates hold together
    with probability 1 - delta: the best converted one, the best of uniform convergence, PAC-Bayes for the randomised
    twin and twice that, and the binomial limit of rows that nobody trained on. With --out a picture is drawn too.
    """
    from functools import partial

    from fathometer.cli._finish import finish
    from fathometer.cli.certify._certified import load_labelled
    from fathometer.cli.certify._options import read_names
    from fathometer.evidence import Provenance
    from fathometer.generalization.figures._conversion import conversion_figure
    from fathometer.generalization.learning.conversion import conversion_lines
    from fathometer.report import print_rows

    table = load_labelled(data, target, "certify conversion")
    lines = list(conversion_lines(table.features, table.target, read_names(regimes), delta=delta, seed=seed))
    drawings = []
    if out is not None:
        drawings = [
            str(conversion_figure(lines, name).write(out, "svg")) for name in {line.regime: 0 for line in lines}
        ]
    return finish(
        "certify-conversion",
        {
            "lines": [line.to_json() | ratios(line) for line in lines],
            "delta": delta,
            "drawings": drawings,
            "provenance": Provenance.here(seed, ("fathometer", "numpy", "scipy", "scikit-learn")).to_json(),
        },
        as_json=as_json,
        out=out,
        show=partial(print_rows, HEADINGS, [told(line) for line in lines]),
        last=f"drawn: {', '.join(drawings)}" if drawings else "",
    )


def ratios(line: "ConversionLine") -> dict[str, float]:
    """Best converted certificate over each parent; below 1 the conversion is better."""
    return {
        "over_uniform": line.over_uniform(),
        "over_twin": line.over_twin(),
        "over_twice": line.over_twice(),
    }


def told(line: "ConversionLine") -> tuple[str, ...]:
    """One row of the table."""
    from fathometer.evidence import text_up
    from fathometer.generalization.learning.conversion import CONVERTED, SCEPTIC, UNIFORM

    def best(names: tuple[str, ...]) -> str:
        name, value = line.smallest(names)
        return f"{text_up(value, 3)} {name}" if value < 1 else "-"

    twin, twice = (
        text_up(min(1.0, line.values.get(name, 1.0)), 3) for name in ("maurer_seeger", "twice_maurer_seeger")
    )
    measured = f"{line.measured:.3f}"
    place = (line.regime, str(line.m), f"{line.distance:.3f}", measured)
    return (*place, best(CONVERTED), best(UNIFORM), twin, "-" if twice == "1" else twice, best(SCEPTIC))
