"""Options that the commands on networks share, under one name and with one meaning."""

from pathlib import Path
from typing import Annotated

import typer

NETWORK = "A folder of transformers, a file M.onnx, or module:factory, which returns a model or (model, loss)."
Brought = Annotated[str, typer.Argument(help=NETWORK, metavar="NETWORK")]
WithLoss = Annotated[
    str,
    typer.Argument(help="module:factory, a callable without arguments that returns (model, loss).", metavar="NETWORK"),
]
LossRows = Annotated[
    Path, typer.Option(help="Arrays X and y; without them, arrays that the loss takes by name.", metavar="F.npz")
]
Text = Annotated[
    Path | None, typer.Option(help="File of texts, one a line, read by the folder's own tokenizer.", metavar="F")
]
Ids = Annotated[
    Path | None,
    typer.Option(
        help="File of token ids: input_ids (texts, n) or an array for each text; or of pixel_values.", metavar="F.npz"
    ),
]
SitesAsked = Annotated[
    str,
    typer.Option(
        help="Blocks to record: residual finds those with attention; else names of modules, such as encoder.layers.*",
        metavar="GLOB,...",
    ),
]
Saw = Annotated[
    str | None,
    typer.Option(help="File with a row number on each line: what the network has seen; or none.", metavar="IDS"),
]
Parameters = Annotated[
    str, typer.Option(help="Names of the parameter arrays, as in a shell; the others stay fixed.", metavar="GLOB")
]
Memory = Annotated[str, typer.Option(help="Limit for what is kept, such as 500MB or 2GiB.", metavar="SIZE")]
Rtol = Annotated[float, typer.Option(help="Width of an eigenvalue's interval, relative to the largest |eigenvalue|.")]
Miss = Annotated[float, typer.Option(help="Probability that the far end of an eigenvalue's interval is wrong.")]
Products = Annotated[int, typer.Option(help="Hessian-vector products at most.", min=4)]
Chunk = Annotated[int | None, typer.Option(help="Rows that are computed at once.", min=1)]
