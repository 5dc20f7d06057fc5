"""The network, its data and its start that the controls describe."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fathometer.app.questions._dropped import called_the_file
from fathometer.evidence import InputError
from fathometer.study import Choice, Parameter, Real, Switch, Whole

if TYPE_CHECKING:
    from fathometer.data import Table
    from fathometer.deep_linear import DeepLinear, Momentum, Regression, Weights

FILES = (".csv", ".tsv", ".npz", ".parquet")
MOST_COLUMNS = 200
NETWORK: dict[str, Parameter] = {
    "depth": Whole(1, 32, 5),
    "width": Whole(1, 32, 3),
    "scale": Real(0, 10, 0.5),
    "residual": Switch(),
    "seed": Whole(0, 10**6, 0),
    "data": Choice(("overdetermined", "underdetermined"), "overdetermined"),
    "target": Whole(0, 10**4, 0),  # number of the column from 1; 0 is the last one
    "standardize": Switch(True),
}
RUN: dict[str, Parameter] = NETWORK | {
    "step": Real(1e-6, 100, 0.19),
    "steps": Whole(10, 20_000, 400),
    "momentum": Choice(("none", "heavy-ball", "nesterov"), "none"),
    "beta": Real(0, 0.999, 0.5),
}
MOST_LOOKS = 240


class Run(NamedTuple):
    """A training that is asked for."""

    problem: "DeepLinear"
    start: "Weights"
    step: float
    steps: int
    momentum: "Momentum | None"

    @property
    def limit(self) -> float:
        """Largest stable sharpness."""
        return (2.0 if self.momentum is None else self.momentum.reach) / self.step

    @property
    def looks(self) -> tuple[int, ...]:
        """Steps at which it is looked at: half of them evenly spaced, half in equal ratios, as `train` does it."""
        from fathometer import deep_linear as dl

        return dl.look_steps(self.steps, [matrix.shape for matrix in self.start], MOST_LOOKS)


class Given(NamedTuple):
    """The data, and what is told of them."""

    regression: "Regression"
    columns: tuple[str, ...]
    target: str
    source: str


def read_data(asked: Mapping[str, Any], file: Path | None) -> Given:
    """The data of the paper, or those of a file as `deep-linear train --data` reads them.

    Args:
        asked: values of `NETWORK`.
        file: a table, or None.

    Raises:
        InputError: if the file cannot be read or has too many columns.
    """
    from fathometer import deep_linear as dl

    if file is None:
        name = asked["data"]
        return Given(dl.paper_samples(name).regression, (), "", f"{name} data of the paper")
    table, columns = _read_table(file, asked["target"], asked["standardize"])
    regression = dl.Regression.from_data(table.features, table.target)
    source = f"{len(table.target)} rows of the file{', standardized' if asked['standardize'] else ''}"
    return Given(regression, columns, table.target_name, source)


def _read_table(file: Path, number: int, standardize: bool) -> "tuple[Table, tuple[str, ...]]":
    from fathometer.data import load_table
    from fathometer.data._sources import read_columns

    with called_the_file(file):
        columns = tuple(read_columns(str(file))[0])
        if not 1 < len(columns) <= MOST_COLUMNS + 1:
            raise InputError(
                f"the file must have a target and 1 to {MOST_COLUMNS} features, got {len(columns)} columns"
            )
        if number > len(columns):
            raise InputError(f"the file has {len(columns)} columns, so that none has the number {number}")
        table = load_table(str(file), columns[number - 1])
        return (table.standardized() if standardize else table), columns


def read_problem(asked: Mapping[str, Any], given: Given) -> "DeepLinear":
    """The network: plain, or with a readout if it is residual."""
    from fathometer import deep_linear as dl

    return dl.DeepLinear(given.regression, asked["depth"], _readout(given) if asked["residual"] else None)


def _readout(given: Given) -> np.ndarray:
    """A unit vector: that of the paper where the data are, else one with equal entries."""
    from fathometer.deep_linear import paper_readout

    d = given.regression.dimension
    return paper_readout() if d == 5 and not given.columns else np.full(d, d**-0.5)


def read_run(asked: Mapping[str, Any], file: Path | None) -> Run:
    """The training that is asked for.

    Args:
        asked: values of `RUN`.
        file: a table, or None.

    Raises:
        InputError: if it cannot be made.
    """
    from fathometer import deep_linear as dl

    problem = read_problem(asked, read_data(asked, file))
    kind = dl.InitialKind.RESIDUAL if asked["residual"] else dl.InitialKind.GAUSSIAN
    width = problem.regression.dimension if asked["residual"] else asked["width"]
    dl.require_trainable(problem, width, asked["steps"], flow=False)
    drawn = dl.Initial(kind, asked["scale"]).draw(problem, width, 1, asked["seed"])
    start = tuple(matrix[0] for matrix in drawn)
    dl.require_start(problem, start, flow=False)
    plain = asked["momentum"] == "none"
    momentum = None if plain else dl.Momentum(asked["beta"], nesterov=asked["momentum"] == "nesterov")
    return Run(problem, start, asked["step"], asked["steps"], momentum)
