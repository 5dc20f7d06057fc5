"""A study in its folder, to be read while it runs and afterwards."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fathometer.evidence import InputError, Status
from fathometer.study.store._layout import Layout, read_layout
from fathometer.study.store._table import FAILED, MARGIN, VERDICT, WHY, table_of

if TYPE_CHECKING:
    import pyarrow as pa


class TheoremCounts(NamedTuple):
    """What came of one theorem, or of one judged column.

    Attributes:
        theorem: its id.
        counts: how many cells have each status.
        worst: up to three cells of the worst status, smallest margin first: address, margin (None where there is
            none), explanation.
    """

    theorem: str
    counts: Mapping[str, int]
    worst: tuple[tuple[str, float | None, str], ...]


class Study:
    """What a folder holds at this moment. It is read once: make another one to see what has come since.

    Args:
        folder: of a study.

    Raises:
        InputError: if it holds none.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        layout = read_layout(self.folder)
        if layout is None:
            raise InputError(f"{str(folder)!r} holds no study")
        self.layout: Layout = layout
        self.title = layout.title
        self.computation = layout.computation
        self.cells: int = layout.document["cells"]

    @cached_property
    def _brief(self) -> "pa.Table":
        return table_of(self.folder, self.layout, ["status", "seconds"])

    @property
    def finished(self) -> int:
        """How many cells finished."""
        return self._brief.num_rows - self.failed

    @cached_property
    def failed(self) -> int:
        """How many cells failed."""
        return sum(status == FAILED for status in self._brief.column("status").to_pylist())

    @cached_property
    def seconds(self) -> float:
        """Seconds of work of all cells."""
        return float(self._brief.column("seconds").to_numpy().sum())

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the table, without those of verdicts."""
        own = ("status", "seconds", "machine", "error", "traceback")
        return ("cell", *self.layout.parameters, "seed", *self.layout.columns, *own)

    @property
    def meanings(self) -> Mapping[str, str]:
        """What the columns of the computation say, with their units."""
        return {name: column.meaning for name, column in self.layout.columns.items()}

    def table(self, columns: Sequence[str] | None = None) -> "pa.Table":
        """Return the table: a row for every cell that finished or failed, in the order of the cells.

        Args:
            columns: to read; all but the explanations of verdicts ("why:...") if not given.
        """
        return table_of(self.folder, self.layout, columns)

    @cached_property
    def _judged(self) -> "pa.Table":
        names = self.table().column_names
        ids = [name.removeprefix(VERDICT) for name in names if name.startswith(VERDICT)]
        wanted = [f"{prefix}{one}" for one in ids for prefix in (VERDICT, MARGIN, WHY)]
        return table_of(self.folder, self.layout, ["cell", *wanted])

    def verdicts(self) -> tuple[TheoremCounts, ...]:
        """Return what came of every theorem and column that is judged; a theorem without a verdict has no counts."""
        judge, names = self.layout.judge, self._judged.column_names
        found = [name.removeprefix(VERDICT) for name in names if name.startswith(VERDICT)]
        columns = [column.name for column in judge.columns]
        asked = found if judge.theorems is None else [*judge.theorems, *columns]
        return tuple(self._counted(name, name in found) for name in asked)

    def verdict_counts(self) -> dict[str, dict[str, int]]:
        """Return how many cells have each status, by theorem or judged column."""
        return {one.theorem: dict(one.counts) for one in self.verdicts()}

    def to_json(self) -> dict[str, Any]:
        """Return what the study came to, in JSON values."""
        return {
            "title": self.title,
            "computation": self.computation,
            "cells": self.cells,
            "finished": self.finished,
            "failed": self.failed,
            "seconds": self.seconds,
            "columns": list(self.columns),
            "verdicts": [
                {
                    "theorem": one.theorem,
                    "counts": dict(one.counts),
                    "worst": [{"cell": cell, "margin": margin, "explanation": why} for cell, margin, why in one.worst],
                }
                for one in self.verdicts()
            ],
            "code": self.layout.document["code"],
            "specification": self.layout.document["specification"],
        }

    def _counted(self, theorem: str, found: bool) -> TheoremCounts:
        if not found:
            return TheoremCounts(theorem, {}, ())
        parts = (self._judged.column(f"{prefix}{theorem}").to_pylist() for prefix in (VERDICT, MARGIN, WHY))
        rows = list(zip(self._judged.column("cell").to_pylist(), *parts, strict=True))
        order = [status for status in _FROM_WORST if any(row[1] == status for row in rows)]
        counts = {str(status): sum(row[1] == status for row in rows) for status in order}
        worst = sorted((row for row in rows if order and row[1] == order[0]), key=_margin)[:3]
        return TheoremCounts(theorem, counts, tuple((cell, margin, why) for cell, _, margin, why in worst))


def _margin(row: tuple[Any, ...]) -> float:
    return float("inf") if row[2] is None else row[2]


_FROM_WORST = (Status.VIOLATED, Status.UNDECIDED, Status.INAPPLICABLE, Status.VACUOUS, Status.HOLDS)
