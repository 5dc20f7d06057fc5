"""`fathometer attention figure`: the figures of the theory, with the expected numbers beside the measured ones."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import FIGURES, AsJson, FigureName, FigureOut, Form, Quick, Repetitions, Seed

Dim = Annotated[int | None, typer.Option(help="F4 only: dimension of the tokens; 2 if absent.", min=2)]
Model = Annotated[str | None, typer.Option(help="F3, F4 and F9 only: sa or usa; sa if absent.", metavar="sa|usa")]
Score = Annotated[
    str | None,
    typer.Option(help="F4 only: random Q^T K instead of the identity.", metavar="identity|gaussian|wigner"),
]
Hidden = Annotated[
    Path | None,
    typer.Option(help="F5 only: arrays 'hidden' and perhaps 'control' (layers, tokens, dim).", metavar="HIDDEN.npz"),
]


def figure(
    name: FigureName,
    form: Form = "svg",
    repetitions: Repetitions = None,
    quick: Quick = False,
    dim: Dim = None,
    model: Model = None,
    score: Score = None,
    hidden: Hidden = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: FigureOut = FIGURES,
) -> int:
    """Draw F1 to F11, published figures and ours, with the expected numbers beside the measured ones.

    F1 circle-movie (and a GIF), F2 staircase, F3 sphere, F4 phase-diagram, F5 cosine-histograms, F6 collapse-sweep,
    F7 log-time-staircase, F8 first-pattern, F9 threshold, F10 random-values, F11 icosahedron. Finished parts are
    kept in the folder and found again.
    """
    from fathometer.attention.figures import draw
    from fathometer.cli._figure import draw_figure

    given = {"dim": dim, "model": model, "score": score, "hidden": hidden}
    chosen = partial(draw, **{option: value for option, value in given.items() if value is not None})
    return draw_figure(chosen, name, form, repetitions=repetitions, quick=quick, as_json=as_json, seed=seed, out=out)
