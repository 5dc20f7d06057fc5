"""Options that the commands on networks share."""

from typing import Annotated

import typer

Brought = Annotated[
    str,
    typer.Argument(
        help="A folder of transformers, a file M.onnx, or module:factory, which returns a model or (model, loss).",
        metavar="NETWORK",
    ),
]
Memory = Annotated[str, typer.Option(help="Limit for what is kept, such as 500MB or 2GiB.", metavar="SIZE")]
