"""Options that every command has."""

from pathlib import Path
from typing import Annotated

import typer


def _folder(path: Path | None) -> Path | None:
    """Refuse a folder that cannot be written to before any work is done."""
    if path is not None:
        from fathometer.report import check_folder

        check_folder(path)
    return path


def writable_file(path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before any work is done."""
    if path is not None:
        from fathometer.report import check_file

        check_file(path)
    return path


def _figure_file(path: Path | None) -> Path | None:
    """Refuse a picture of an unknown form, or one that cannot be written, before any work is done."""
    if path is not None:
        from fathometer.report import picture_form

        picture_form(path)
    return writable_file(path)


LARGEST_SEED = 2**63 - 1
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Seed = Annotated[int, typer.Option(help="The integer that every random choice comes from.", min=0, max=LARGEST_SEED)]
Out = Annotated[
    Path | None, typer.Option(help="Folder to write the result to, as JSON.", metavar="DIR", callback=_folder)
]
Save = Annotated[
    Path | None,
    typer.Option(help="File to write the certificate to, for recheck.", metavar="C.json", callback=writable_file),
]
FigureFile = Annotated[
    Path | None,
    typer.Option(
        "--figure",
        help="File to draw the result in; its ending says how: svg, png, pdf, html, or gif and mp4 of what moves.",
        metavar="F.svg",
        callback=_figure_file,
    ),
]
Kept = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the result and for finished experiments, found again.", metavar="DIR", callback=_folder
    ),
]
ReportOut = Annotated[Path, typer.Option("--out", help="Folder of the report.", metavar="DIR", callback=_folder)]
Fetched = Annotated[Path, typer.Argument(help="Folder that the files are written to.", metavar="DIR", callback=_folder)]
Data = Annotated[str, typer.Option(help="F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR.", metavar="DATA")]
Target = Annotated[str, typer.Option(help="Column to predict.", metavar="COL")]
Standardize = Annotated[bool, typer.Option("--standardize", help="Centre and scale every column first.")]
FigureName = Annotated[str, typer.Argument(help="Which figure; an unknown name lists them all.", metavar="NAME")]
FigureOut = Annotated[
    Path, typer.Option(help="Folder for the drawing, its data and finished parts.", metavar="DIR", callback=_folder)
]
FIGURES = Path("figures")
Form = Annotated[str, typer.Option("--format", help="svg, png or pdf.", metavar="svg|png|pdf")]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer runs.")]
Repetitions = Annotated[int | None, typer.Option(help="Runs for each point; those of the paper if absent.", min=1)]
