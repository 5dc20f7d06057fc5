"""Figures: charts with the numbers behind them, and how one is asked for."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Verdict
from fathometer.report._files import write_bytes
from fathometer.report.panels._charts import Curve, Panel, Role, render


@dataclass(frozen=True)
class FigureSettings:
    """How a figure is to be made.

    Attributes:
        repetitions: runs for each point; those of the paper if None.
        quick: a tenth of the effort.
        seed: of all random choices.
        folder: where finished parts are kept and found again; None keeps nothing.
        announce: is told how far it is.
    """

    repetitions: int | None = None
    quick: bool = False
    seed: int = 0
    folder: Path | None = None
    announce: Callable[[str], None] | None = None

    def runs(self, paper: int, quick: int = 4) -> int:
        """Repetitions, where the paper has `paper`."""
        if self.repetitions is not None:
            return self.repetitions
        return quick if self.quick else paper


@dataclass(frozen=True)
class Comparison:
    """A number that is known beside the one that was found."""

    quantity: str
    expected: str
    measured: str


@dataclass(frozen=True)
class Figure:
    """Charts with the numbers behind them.

    Attributes:
        name: of the files.
        charts: drawn side by side.
        rows: expected numbers beside measured ones.
        data: what was measured, by name.
        verdicts: theorems held against it, each with its case.
        files: more files beside the drawing, by suffix, such as a film as "gif".
        title: of a page; the name if empty.
        frames: panels that show a motion one after the other; none where nothing moves.
    """

    name: str
    charts: tuple[Panel, ...]
    rows: tuple[Comparison, ...]
    data: Mapping[str, NDArray]
    verdicts: tuple[tuple[str, Verdict], ...] = field(default=())
    files: Mapping[str, bytes] = field(default_factory=dict)
    title: str = ""
    frames: tuple[Panel, ...] = ()

    def write(self, folder: Path, form: str) -> Path:
        """Write NAME.npz, the drawing and all other files, each in one step, and return the path of the drawing.

        Raises:
            InputError: if the form is not svg, png or pdf.
        """
        drawing, archive = render(self.charts, form), io.BytesIO()
        np.savez(archive, **self.data)  # type: ignore[arg-type]
        write_bytes(folder / f"{self.name}.npz", archive.getvalue())
        for suffix, content in ({**self.files, form: drawing}).items():
            write_bytes(folder / f"{self.name}.{suffix}", content)
        return folder / f"{self.name}.{form}"

    def to_json(self) -> dict[str, Any]:
        """Return the table as JSON values."""
        return {"figure": self.name, "rows": [vars(row) for row in self.rows]}


def level(label: str, x: ArrayLike, value: float, role: Role = Role.LIMIT, group: int = 0) -> Curve:
    """A horizontal line over the range of x.

    Args:
        label: in the legend; empty for none.
        x: positions whose range is covered, any shape, not empty.
        value: height of the line.
        role: how it is drawn.
        group: curves of one group have one colour.
    """
    ends = np.array([np.min(x), np.max(x)])
    return Curve(label, ends, np.full(2, value), role, group)


def series(values: ArrayLike, digits: int = 3) -> str:
    """Numbers in one text; a dash where there is none."""
    numbers = np.atleast_1d(np.asarray(values, np.float64))
    return " ".join("-" if np.isnan(value) else f"{value:.{digits}g}" for value in numbers)
