"""Options that the deep-linear commands share, and the problem that they describe."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fathometer.data import Table
    from fathometer.deep_linear import DeepLinear

Depth = Annotated[int, typer.Option(help="Number of layers, at least 1.", metavar="L")]
Depths = Annotated[
    str, typer.Option("--depth", help="Number of layers, at least 1, or several: 2,8,32.", metavar="L[,L...]")
]
Residual = Annotated[
    Path | None, typer.Option(help="Fixed readout of a residual network, shape (features,).", metavar="P.npy")
]


def read_depths(text: str) -> list[int]:
    """Depths separated by commas, each once, in the order given.

    Raises:
        InputError: if one is not a whole number of at least 1.
    """
    from fathometer.evidence import whole_number

    return list(dict.fromkeys(whole_number("depth", part.strip(), at_least=1) for part in text.split(",")))


def read_network(
    data: str, target: str, depth: int, residual: Path | None, standardize: bool
) -> "tuple[DeepLinear, Table]":
    """The problem that the options describe, and its samples.

    Args:
        data: file or name of a set, as for --data.
        target: column to predict.
        depth: number of layers, at least 1.
        residual: file of the fixed readout, shape (features,); None for a network that is not residual.
        standardize: whether to centre and scale every column.
    """
    from fathometer import deep_linear as dl
    from fathometer.data import load_array, load_table

    readout = None if residual is None else load_array(residual)
    table = load_table(data, target)
    table = table.standardized() if standardize else table
    return dl.DeepLinear(dl.Regression.from_data(table.features, table.target), depth, readout), table
