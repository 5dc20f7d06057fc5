"""Columns of files and of scikit-learn's sets, as they are."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from fathometer.data._csv import read_csv
from fathometer.data.arrays._archives import read_archive
from fathometer.evidence import InputError

BUILT_IN = ("breast_cancer", "diabetes", "digits", "iris", "wine")
FORMS = "F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR"


def read_columns(source: str, mixed: bool = False, text: Collection[str] = ()) -> tuple[dict[str, Any], str]:
    """Read columns by name, as Arrow columns or arrays, and what is unusual about the file.

    Args:
        source: path of a file, or `sklearn:NAME`.
        mixed: whether a CSV file may have missing values of text.
        text: names of columns of a CSV file that are kept as text.

    Raises:
        InputError: if it is of no known form, absent, empty or damaged.
    """
    columns, remark = _built_in(source) if source.startswith("sklearn:") else _from_file(Path(source), mixed, text)
    return dict(columns), remark


def require_target(source: str, target: str, columns: Mapping[str, Any]) -> None:
    """Refuse a target that is no column.

    Args:
        source: what messages call the table.
        target: name of the target.
        columns: by name.

    Raises:
        InputError: if there is none of that name; a column that is nearly called so is named.
    """
    if target in columns:
        return
    known = [repr(name) if name != name.strip() else name for name in columns]
    shown = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
    near = next((name for name in columns if name.strip().casefold() == target.strip().casefold()), None)
    hint = ""
    if near is not None:
        hint = f"; there is {near!r}: give it with the same blanks and letters, or mend the file"
    elif f"{target}[0]" in columns:
        hint = f"; array {target!r} has two dimensions: give a target of shape (rows,), or one of its columns"
    elif len(columns) == 1:
        hint = "; a CSV file is parted by ',', ';', tab or '|'"
    raise InputError(f"no column {target!r} in {source}; columns: {shown}{hint}")


def _built_in(source: str) -> tuple[Mapping[str, Any], str]:
    name = source.removeprefix("sklearn:")
    if name not in BUILT_IN:
        raise InputError(f"no scikit-learn set {name!r}; known: {', '.join(BUILT_IN)}")
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [str(feature) for feature in bunch.feature_names]
    return dict(zip(names, bunch.data.T, strict=True)) | {"target": bunch.target}, ""


def _from_file(path: Path, mixed: bool, text: Collection[str]) -> tuple[Mapping[str, Any], str]:
    """Columns by name, and what is unusual about the file.

    Raises:
        InputError: if it is of no known form, absent or empty.
    """

    def from_csv(path: Path) -> tuple[Mapping[str, Any], str]:
        table, remark = read_csv(path, mixed, text)
        return _columns(path, table), remark

    readers = {".csv": from_csv, ".tsv": from_csv, ".npz": _from_npz, ".parquet": _from_parquet}
    if path.suffix.lower() not in readers:
        raise InputError(f"data must be {FORMS}, got {str(path)!r}")
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty")
    return readers[path.suffix.lower()](path)


def _from_parquet(path: Path) -> tuple[Mapping[str, Any], str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(path).read()
        written_by = table.schema.pandas_metadata or {}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path} is not a Parquet table: {str(error).splitlines()[0]}") from error
    if index := [name for name in written_by.get("index_columns", ()) if name in table.column_names]:
        raise InputError(
            f"column {index[0]!r} of {path} is the index of a data frame: leave it out (pandas: index=False), or"
            " make it a column if it is a feature (reset_index)"
        )
    categories = {part["name"] for part in written_by.get("columns", ()) if part.get("pandas_type") == "categorical"}
    columns = _columns(path, table)
    return {name: _encoded(values) if name in categories else values for name, values in columns.items()}, ""


def _encoded(column: Any) -> Any:
    """A column of categories as such: Parquet keeps those that are numbers as numbers."""
    import pyarrow as pa

    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _columns(path: Path, table: Any) -> Mapping[str, Any]:
    names = [name.strip() for name in table.column_names]
    if repeated := [name for name in names if names.count(name) > 1 and name]:
        raise InputError(f"column {repeated[0]!r} appears twice in {path}")
    return dict(zip(table.column_names, table.columns, strict=True))


def _from_npz(path: Path) -> tuple[Mapping[str, Any], str]:
    columns: dict[str, Any] = {}
    for name, array in read_archive(path).items():
        if array.ndim not in (1, 2):
            raise InputError(f"array {name!r} of {path} must have 1 or 2 dimensions, got shape {array.shape}")
        parts = {name: array} if array.ndim == 1 else {f"{name}[{k}]": column for k, column in enumerate(array.T)}
        if twice := columns.keys() & parts.keys():
            raise InputError(f"{min(twice)!r} of {path} names an array and a column of another: rename one of them")
        columns |= parts
    if len({len(column) for column in columns.values()}) > 1:
        sizes = {name: len(column) for name, column in columns.items()}
        first, other = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
        raise InputError(
            f"arrays of {path} must have the same number of rows, got {sizes[first]} in {first!r} and {sizes[other]} in"
            f" {other!r}"
        )
    return columns, ""
