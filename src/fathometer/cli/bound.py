"""`fathometer bound`: one generalization bound from the catalogue."""

from typing import Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="Id of the bound, as --list shows it.")]
Values = Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="Its keys, as --list names them.")]
List = Annotated[bool, typer.Option("--list", help="List the bounds with their keys.")]


def bound(
    name: Name = None,
    values: Values = None,
    list_all: List = False,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Evaluate one bound with its terms; values are never rounded down."""
    from functools import partial

    from fathometer import generalization
    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError, text_near, text_up
    from fathometer.generalization.figures._of_bound import bound_figure
    from fathometer.report import print_rows

    if list_all:
        if name is not None:
            raise InputError(f"--list takes no name, got {name!r}")
        entries = generalization.catalogue_rows()
        rows = [
            (row["id"], row["certifies"], row["divergence"], row["prior"], ", ".join(row["keys"])) for row in entries
        ]
        header = ("id", "certifies", "divergence", "prior", "keys")
        return finish("bounds", {"bounds": entries}, as_json=as_json, out=out, show=partial(print_rows, header, rows))
    if name is None:
        raise InputError("give the name of a bound, or --list to see them all")
    given = _pairs(values or [])
    evaluated = generalization.evaluate_bound(name, **given)
    value = "none" if evaluated.value is None else text_up(evaluated.value, 17)
    lines = [(term, text_near(number, 10)) for term, number in evaluated.terms.items()]
    return finish(
        f"bound-{name}",
        evaluated.to_json(),
        as_json=as_json,
        out=out,
        show=partial(print_rows, ("term", "value"), [*lines, (name, value)]),
        last=evaluated.explanation,
        figure=figure,
        draw=lambda: bound_figure(name, given),
    )


def _pairs(texts: list[str]) -> dict[str, str]:
    from fathometer.evidence import InputError

    pairs = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not (key and sign and value):
            raise InputError(f"numbers are given as key=value, got {text!r}")
        if key in pairs:
            raise InputError(f"{key} is given twice")
        pairs[key] = value
    return pairs
