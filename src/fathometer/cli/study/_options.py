"""Options that the commands on studies share."""

from pathlib import Path
from typing import Annotated

import typer

Kept = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a study.")]
