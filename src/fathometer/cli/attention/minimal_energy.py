"""`fathometer attention minimal-energy`: the least energy of n tokens, from above and from below."""

from typing import Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.attention._options import Beta

Tokens = Annotated[int, typer.Option("--n", help="Tokens, between 2 and 1000; more with --starts 0.")]
Dim = Annotated[int, typer.Option(help="Dimension, between 2 and 128.")]
Degree = Annotated[int, typer.Option(help="Of the polynomial that proves the lower bound, between 1 and 60.")]
Starts = Annotated[
    int | None,
    typer.Option(help="Descents; 0 for the bound alone; if absent 64, fewer above 125 tokens.", metavar="K"),
]


def minimal_energy(
    n: Tokens,
    dim: Dim,
    beta: Beta,
    degree: Degree = 30,
    starts: Starts = None,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Let tokens repel each other from many starts, and prove how low the energy of any cloud can be at least.

    Names the configuration that is universally optimal, where one is known.
    """
    from fathometer import attention
    from fathometer.attention.figures import least_energy_figure
    from fathometer.cli._finish import finish
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    prepare_jax()
    answer = attention.least_energy(n, dim, beta, degree=degree, starts=starts, seed=seed)
    return finish(
        "attention-minimal-energy",
        answer.document() | {"degree": degree, "seed": seed},
        [("all descents", verdict) for verdict in answer.verdicts()],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("quantity", "value"), answer.rows(), console),
        figure=figure,
        draw=lambda: least_energy_figure(answer),
    )
