"""The network and the data that a cell is about."""

from typing import TYPE_CHECKING

from fathometer.study import Parameter, Switch, Text, Whole

if TYPE_CHECKING:
    from fathometer.deep_linear import DeepLinear

PROBLEM: dict[str, Parameter] = {
    "data": Text("paper"),
    "target": Text(),
    "standardize": Switch(),
    "depth": Whole(1, 10_000, 3),
}
"""The overdetermined data of Marion and Chizat (2024) if data is `paper`; else a table and the column to predict."""


ABOUT = {
    "data": "paper, a file of a table, or sklearn:NAME",
    "target": "column to predict",
    "standardize": "whether to centre and scale every column",
    "depth": "number of layers L",
}
RUN = {
    "width": "width of the hidden layers; 0 for the number of features",
    "init": "law of the initial weights",
    "scale": "scale of the initial weights",
    "step": "step size (weight^2 / risk)",
    "steps": "number of training steps",
}
"""What parameters are, of the network and of a run."""


def network(data: str, target: str, standardize: bool, depth: int) -> "DeepLinear":
    """The network.

    Args:
        data: `paper`, a file, or sklearn:NAME.
        target: column to predict; not needed for `paper`.
        standardize: whether to centre and scale every column of a table.
        depth: number of layers.
    """
    from fathometer.data import load_table
    from fathometer.deep_linear import DeepLinear, Regression, paper_samples

    if data == "paper":
        return DeepLinear(paper_samples("overdetermined").regression, depth)
    table = load_table(data, target)
    table = table.standardized() if standardize else table
    return DeepLinear(Regression.from_data(table.features, table.target), depth)
