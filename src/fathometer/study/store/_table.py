"""The table of a study: one row a cell that finished or failed, with typed columns, in the order of the cells."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.study.store._journal import read_entries, whole_length
from fathometer.study.store._layout import Layout
from fathometer.study.store._record import Entry, Judged, number_of

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "table.parquet"
FINISHED, FAILED = "finished", "failed"
VERDICT, MARGIN, WHY = "verdict:", "margin:", "why:"
"""What the columns of a verdict begin with; the id of its theorem follows."""
_ROWS = 50_000  # that are made at a time
_WORST = ("VIOLATED", "UNDECIDED", "INAPPLICABLE", "VACUOUS", "HOLDS")


def table_of(folder: Path, layout: Layout, columns: Sequence[str] | None = None) -> "pa.Table":
    """Read the table, and add what the journal has beyond it.

    Args:
        folder: of the study.
        layout: of the study.
        columns: to read; all but the explanations of verdicts if not given. What is not there is left out.
    """
    covered = _covered(folder, layout)
    if covered == whole_length(folder):
        return _chosen(_read(folder, columns), columns)
    return _chosen(_made(folder, layout, covered, check=False), columns)


def write_table(folder: Path, layout: Layout) -> None:
    """Write the table, unless it has all that the journal has.

    Raises:
        OSError: if there is no room.
    """
    import pyarrow.parquet as pq

    from fathometer.report import write_bytes  # slow to import

    covered, length = _covered(folder, layout), whole_length(folder)
    if covered == length:
        return
    table = _made(folder, layout, covered, check=True)
    facts = {"study": layout.digest, "journal": str(length), "title": layout.title, "code": layout.document["code"]}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(facts), buffer, compression="zstd")
    write_bytes(folder / NAME, buffer.getvalue())


def _covered(folder: Path, layout: Layout) -> int | None:
    """Bytes of the journal that the table has; None if there is none of this layout."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        facts = pq.read_schema(folder / NAME).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    return int(facts[b"journal"]) if facts.get(b"study") == layout.digest.encode() else None


def _read(folder: Path, columns: Sequence[str] | None) -> "pa.Table":
    import pyarrow.parquet as pq

    names = pq.read_schema(folder / NAME).names
    wanted = names if columns is None else [name for name in columns if name in names]
    return pq.read_table(folder / NAME, columns=[n for n in wanted if columns is not None or not n.startswith(WHY)])


def _chosen(table: "pa.Table", columns: Sequence[str] | None) -> "pa.Table":
    names = table.column_names
    if columns is None:
        return table.select([name for name in names if not name.startswith(WHY)])
    return table.select([name for name in columns if name in names])


def _made(folder: Path, layout: Layout, covered: int | None, *, check: bool) -> "pa.Table":
    """The table from what is there of it and the journal beyond, with a look at all arrays if that is wished."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    positions = {layout.cells.address(k): k for k in range(len(layout.cells))}
    parts = [_part(layout, positions, ())]
    if covered is not None:
        parts.append(pq.read_table(folder / NAME))
    entries = iter(read_entries(folder, covered or 0, check=check))
    while some := list(islice(entries, _ROWS)):
        parts.append(_part(layout, positions, some))
    table = pa.concat_tables([part.replace_schema_metadata(None) for part in parts], promote_options="default")
    place = np.array([positions[cell] for cell in table.column("cell").to_pylist()], np.int64)
    _, last = np.unique(place[::-1], return_index=True)  # the last entry of a cell counts
    return table.take(len(place) - 1 - last).combine_chunks()


def _part(layout: Layout, positions: Mapping[str, int], entries: Iterable[Entry]) -> "pa.Table":
    """Rows of entries, in their order; cells that the study does not have are left out."""
    import pyarrow as pa

    rows = [entry for entry in entries if entry.cell in positions]
    place = np.array([positions[entry.cell] for entry in rows], np.int64)
    text, number = pa.string(), pa.float64()
    arrays = {"cell": pa.array([entry.cell for entry in rows], text)}
    arrays |= dict(_inputs(layout, place))
    for name, column in layout.columns.items():
        values = [None if entry.values is None else number_of_kind(entry.values[name], column.kind) for entry in rows]
        arrays[name] = pa.array(values, _type(column.kind.__name__))
    for name, judged in _verdicts(layout, rows).items():
        for prefix, part, kind in ((VERDICT, 1, text), (MARGIN, 2, number), (WHY, 3, text)):
            arrays[f"{prefix}{name}"] = pa.array([None if one is None else one[part] for one in judged], kind)
    arrays["status"] = pa.array([FAILED if entry.values is None else FINISHED for entry in rows], text)
    arrays["seconds"] = pa.array([entry.seconds for entry in rows], number)
    for name in ("machine", "error", "traceback"):
        arrays[name] = pa.array([getattr(entry, name) or None for entry in rows], text)
    return pa.table(arrays)


def number_of_kind(value: Any, kind: type) -> Any:
    """A value of a journal as its column has it."""
    return number_of(value) if kind is float else value


def _inputs(layout: Layout, place: NDArray[np.int64]) -> Iterator[tuple[str, "pa.Array"]]:
    """Columns of the parameters and the seed.

    Yields:
        Names and columns, in the order of the computation.
    """
    import pyarrow as pa

    space, shape = layout.space, layout.space.shape
    places = np.unravel_index(place, shape)
    axes = {name: (values, places[k]) for k, (name, values) in enumerate(space.axes.items())}
    if space.samples:
        axes |= {name: ([point[name] for point in space.samples], places[-2]) for name in space.samples[0]}
    axes |= {"seed": (space.seeds, places[-1])}
    for name, kind in (*layout.parameters.items(), ("seed", "int")):
        values, index = axes[name] if name in axes else ([space.fixed[name]], np.zeros(len(place), np.int64))
        yield name, pa.array(list(values), _value_type(kind, values)).take(pa.array(index))


def _verdicts(layout: Layout, rows: Sequence[Entry]) -> dict[str, list[Judged | None]]:
    """By theorem or judged column, the verdict of each row."""
    found: dict[str, list[Judged | None]] = {}
    for k, entry in enumerate(rows):
        for judged in entry.verdicts:
            kept = found.setdefault(judged[0], [None] * len(rows))
            kept[k] = judged if (before := kept[k]) is None else min(before, judged, key=_badness)
    for column in layout.judge.columns:
        found[column.name] = [_column_verdict(layout, column, entry) for entry in rows]
    return found


def _column_verdict(layout: Layout, column: Any, entry: Entry) -> Judged | None:
    if entry.values is None:
        return None
    values = {name: number_of_kind(entry.values[name], layout.columns[name].kind) for name in entry.values}
    verdict = column.verdict(values)
    return verdict.theorem, str(verdict.status), verdict.margin, verdict.explanation


def _badness(judged: Judged) -> tuple[int, float]:
    return _WORST.index(judged[1]), float("inf") if judged[2] is None else judged[2]


def _type(kind: str) -> "pa.DataType":
    import pyarrow as pa

    return {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "str": pa.string()}[kind]


def _value_type(kind: str, values: Sequence[Any]) -> "pa.DataType":
    """The type of a column of a parameter; lists are of numbers, or of rows of numbers."""
    import pyarrow as pa

    if kind != "numbers":
        return _type(kind)
    rows = any(value and isinstance(value[0], list) for value in values)
    return pa.list_(pa.list_(pa.float64())) if rows else pa.list_(pa.float64())
