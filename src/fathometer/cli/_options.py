"""Options that every command has."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Seed = Annotated[int, typer.Option(help="The integer that every random choice comes from.", min=0)]
Out = Annotated[Path | None, typer.Option(help="Folder to write the result to, as JSON.", metavar="DIR")]
Data = Annotated[str, typer.Option(help="F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR.", metavar="DATA")]
Target = Annotated[str, typer.Option(help="Column to predict.", metavar="COL")]
Standardize = Annotated[bool, typer.Option("--standardize", help="Centre and scale every column first.")]
FigureName = Annotated[str, typer.Argument(help="Which figure; an unknown name lists them all.", metavar="NAME")]
FigureOut = Annotated[Path, typer.Option(help="Folder for the drawing, its data and finished parts.", metavar="DIR")]
FIGURES = Path("figures")
Form = Annotated[str, typer.Option("--format", help="svg, png or pdf.", metavar="svg|png|pdf")]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer runs.")]
Repetitions = Annotated[int | None, typer.Option(help="Runs for each point; those of the paper if absent.", min=1)]
