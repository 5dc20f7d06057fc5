"""What the figure commands share: draw, store the data beside the drawing, show expected beside measured."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fathometer.cli._finish import finish
from fathometer.evidence import Provenance
from fathometer.numerics import prepare_jax
from fathometer.report import Figure, FigureSettings, checked_format, print_rows

_HEADINGS = ("quantity", "expected", "measured")
PACKAGES = ("fathometer", "jax", "jaxlib", "numpy", "scipy")


Draw = Callable[[str, FigureSettings], Figure]


def draw_figure(
    draw: Draw, name: str, form: str, *, repetitions: int | None, quick: bool, as_json: bool, seed: int, out: Path
) -> int:
    """Draw one figure of a theory into a folder, and return the exit code.

    Args:
        draw: makes a figure from its name and the settings.
        name: of the figure.
        form: svg, png or pdf.
        repetitions: runs for each point, at least 1; None for those of the paper.
        quick: whether to take fewer runs.
        as_json: whether to print JSON instead of a table.
        seed: of every random choice.
        out: folder for the drawing, its data and finished parts.
    """
    checked_format(form)
    prepare_jax()
    made, result = _drawn(draw, name, form, _settings(name, repetitions, quick, seed, out), out)
    return finish(
        made.name,
        result,
        made.verdicts,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(_HEADINGS, _cells(made), console),
        last="drawn: " + ", ".join(f"{out / made.name}.{suffix}" for suffix in (form, *made.files)),
    )


def draw_figures(
    draw: Draw,
    group: str,
    names: Sequence[str],
    form: str,
    *,
    repetitions: int | None,
    quick: bool,
    as_json: bool,
    seed: int,
    out: Path,
) -> int:
    """Draw several figures of a theory into a folder, say how long each took, and return the exit code.

    Args:
        draw: makes a figure from its name and the settings.
        group: name of them all.
        names: of the figures.
        form: svg, png or pdf.
        repetitions: runs for each point, at least 1; None for those of the paper.
        quick: whether to take fewer runs.
        as_json: whether to print JSON instead of a table.
        seed: of every random choice.
        out: folder for the drawing, its data and finished parts.
    """
    checked_format(form)
    prepare_jax()
    results, seconds, verdicts, rows = [], {}, [], []
    for name in names:
        began = time.perf_counter()
        made, result = _drawn(draw, name, form, _settings(name, repetitions, quick, seed, out), out)
        seconds[name] = round(time.perf_counter() - began, 2)
        results.append(result)
        verdicts += [(f"{name}: {case}", verdict) for case, verdict in made.verdicts]
        rows += [(name, *row) for row in _cells(made)]
    total = round(sum(seconds.values()), 2)
    return finish(
        group,
        {"group": group, "seconds": seconds, "seconds_in_all": total, "figures": results},
        verdicts,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("figure", *_HEADINGS), rows, console),
        last=f"drawn: {len(names)} figures in {out}, in {total:g} s",
    )


def _settings(name: str, repetitions: int | None, quick: bool, seed: int, out: Path) -> FigureSettings:
    def announce(text: str) -> None:
        sys.stderr.write(f"{name}: {text}\n")

    return FigureSettings(repetitions, quick, seed, out / "cells", announce)


def _drawn(draw: Draw, name: str, form: str, settings: FigureSettings, out: Path) -> tuple[Figure, dict[str, Any]]:
    """A figure, written, and what is said about it."""
    made = draw(name, settings)
    return made, made.to_json() | {
        "drawing": str(made.write(out, form)),
        "data": f"{made.name}.npz",
        "files": [f"{made.name}.{suffix}" for suffix in made.files],
        "provenance": Provenance.here(settings.seed, packages=PACKAGES).to_json(),
    }


def _cells(made: Figure) -> list[tuple[str, str, str]]:
    return [(row.quantity, row.expected, row.measured) for row in made.rows]
