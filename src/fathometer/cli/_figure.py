"""What the figure commands share: draw, store the data beside the drawing, show expected beside measured."""

import sys
from collections.abc import Callable
from pathlib import Path

from fathometer.cli._finish import finish
from fathometer.evidence import Provenance
from fathometer.numerics import keep_compiled_code
from fathometer.report import Figure, FigureSettings, checked_format, print_rows

PACKAGES = ("fathometer", "jax", "jaxlib", "numpy", "scipy")


def draw_figure(
    draw: Callable[[str, FigureSettings], Figure],
    name: str,
    form: str,
    *,
    repetitions: int | None,
    quick: bool,
    as_json: bool,
    seed: int,
    out: Path,
) -> int:
    """Draw one figure of a theory into a folder, and return the exit code."""

    def announce(text: str) -> None:
        sys.stderr.write(f"{name}: {text}\n")

    checked_format(form)
    keep_compiled_code()
    made = draw(name, FigureSettings(repetitions, quick, seed, out / "cells", announce))
    path = made.write(out, form)
    result = made.to_json() | {
        "drawing": str(path),
        "data": f"{made.name}.npz",
        "provenance": Provenance.here(seed, packages=PACKAGES).to_json(),
    }
    rows = [(row.quantity, row.expected, row.measured) for row in made.rows]
    return finish(
        made.name,
        result,
        made.verdicts,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("quantity", "expected", "measured"), rows, console),
        last=f"drawn: {path}",
    )
