"""Options that the attention commands share."""

from typing import Annotated

import typer

Beta = Annotated[float, typer.Option(help="Inverse temperature, at least 0.")]
ModelName = Annotated[str, typer.Option(help="sa (softmax) or usa (without normaliser).", metavar="sa|usa")]
ScoreName = Annotated[
    str, typer.Option(help="Q^T K: the identity, or drawn anew for every system.", metavar="identity|gaussian|wigner")
]
