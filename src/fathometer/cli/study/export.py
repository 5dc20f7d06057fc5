"""`fathometer study export`: the table of a study, or all of it, as one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.study._options import Kept

if TYPE_CHECKING:
    from fathometer.study import Study

Target = Annotated[
    Path, typer.Argument(metavar="FILE", help="Its ending says how: csv, parquet (the table), nc, zarr (arrays too).")
]
Form = Annotated[
    str | None,
    typer.Option("--to", help="Form of the file, if its ending is another.", metavar="csv|parquet|netcdf|zarr"),
]
_FORMS = {".csv": "csv", ".parquet": "parquet", ".nc": "netcdf", ".zarr": "zarr"}


def export(
    folder: Kept, file: Target, to: Form = None, as_json: AsJson = False, seed: Seed = 0, out: Out = None
) -> int:
    """Write a study as one file: its table as csv or parquet, or with its arrays as netCDF or zarr."""
    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError
    from fathometer.report import check_file
    from fathometer.study import Study

    form = to or _FORMS.get(file.suffix.lower(), "")
    if form not in _FORMS.values():
        raise InputError(
            f"a study is exported to csv, parquet, netcdf or zarr, got {form or file.suffix or str(file)!r}"
        )
    if form != "zarr":  # which is a folder
        check_file(file)
    study = Study(folder)
    _WAYS[form](study, file)
    told = {"file": str(file), "form": form, "cells": study.finished + study.failed}
    return finish("study-export", told, as_json=as_json, out=out, show=lambda console: None, last=f"written: {file}")


def _csv(study: "Study", file: Path) -> None:
    import io

    import pyarrow as pa
    import pyarrow.csv

    from fathometer.report import write_bytes

    table = study.table()
    lists = [name for name in table.column_names if pa.types.is_list(table.schema.field(name).type)]
    for name in lists:  # csv has no lists
        at = table.column_names.index(name)
        table = table.set_column(at, name, pa.array([str(value) for value in table.column(name).to_pylist()]))
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table, buffer)
    write_bytes(file, buffer.getvalue())


def _parquet(study: "Study", file: Path) -> None:
    import io

    import pyarrow.parquet as pq

    from fathometer.report import write_bytes

    buffer = io.BytesIO()
    pq.write_table(study.table(), buffer, compression="zstd")
    write_bytes(file, buffer.getvalue())


def _netcdf(study: "Study", file: Path) -> None:
    from fathometer.report import write_bytes
    from fathometer.study import netcdf_bytes

    write_bytes(file, netcdf_bytes(study.folder))


def _zarr(study: "Study", file: Path) -> None:
    from fathometer.study import write_zarr

    write_zarr(study.folder, file)


_WAYS = {"csv": _csv, "parquet": _parquet, "netcdf": _netcdf, "zarr": _zarr}
