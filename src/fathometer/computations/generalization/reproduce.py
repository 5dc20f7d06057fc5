"""`reproduce`: one published Wasserstein experiment again: risks beside the published ones, and certificates."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.computations._values import file_of, number, worst
from fathometer.data import PUBLIC_SETS
from fathometer.study import Choice, Column, Computation, Computed, Real, Scalar, Switch, Text, Whole

if TYPE_CHECKING:
    from fathometer.generalization.learning.wasserstein import Reproduced

_JUDGED = ("w1_route_a", "risk_transport", "w1_nips_t5_bounded", "progressive_validation")


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Run the experiment, and hold its certificates against the risk on the test half."""
    from fathometer.catalogue import theorem
    from fathometer.generalization.learning import wasserstein

    asked = dict(parameters)
    folder, rounds = Path(asked.pop("folder")), asked.pop("rounds") or None
    rows = wasserstein.reproduce([wasserstein.Experiment(**asked, rounds=rounds, seed=seed)], folder)
    row = rows[0]
    lines = [] if row.ledger is None else [line for line in row.ledger.rows if line.bound in _JUDGED]
    held = [theorem(line.bound).judge(wasserstein.line_problem(line), line.measured) for line in lines]
    risks = {"train_by_posterior": [one.train for one in rows], "test_by_posterior": [one.test for one in rows]}
    return Computed(_values(row), worst(held), {name: np.array(values, float) for name, values in risks.items()})


def _values(row: "Reproduced") -> dict[str, Scalar]:
    best = None if row.ledger is None else min(row.ledger.rows, key=_value, default=None)
    return {
        "posterior": row.column,
        "rows": row.rows,
        "priors": row.priors,
        "train_risk": row.train,
        "test_risk": row.test,
        "published_train_risk": row.published_train,
        "published_test_risk": row.published_test,
        "agrees": row.agrees,
        "certified_risk": None if best is None else number(best.value),
        "winner": None if best is None else best.bound,
    }


def _value(line: Any) -> float:
    return float("inf") if line.value is None else line.value


COMPUTATION = Computation(
    name="reproduce",
    summary="one published Wasserstein experiment: risks beside the published ones, and its certificates",
    parameters={
        "folder": Text("data"),
        "set": Choice(tuple(PUBLIC_SETS), "tictactoe"),
        "setting": Choice(("batch", "online"), "batch"),
        "model": Choice(("linear", "nn"), "linear"),
        "as_published": Switch(False),
        "ratio": Real(0, 1000, 0.2),
        "steps": Whole(1, 10_000_000, 20_000),
        "rounds": Whole(0, 10_000_000, 0),
        "delta": Real(1e-12, 0.999, 0.05),
    },
    compute=compute,
    columns={
        "posterior": Column(str, "which posterior or algorithm: the paper's own"),
        "rows": Column(int, "rows of the training half"),
        "priors": Column(int, "number of priors K; 0 online"),
        "train_risk": Column(float, "0/1 risk on the training half"),
        "test_risk": Column(float, "0/1 risk on the test half"),
        "published_train_risk": Column(float, "the published one, where this is the published experiment"),
        "published_test_risk": Column(float, "the published one, where this is the published experiment"),
        "agrees": Column(bool, "whether both are within the tolerance of the published ones"),
        "certified_risk": Column(float, "smallest certificate of the ledger, on the clipped risk"),
        "winner": Column(str, "id of that bound"),
    },
    axes={"train_by_posterior": ("posterior_index",), "test_by_posterior": ("posterior_index",)},
    files={"folder": file_of},
    about={
        "folder": "folder that `certify fetch` filled",
        "set": "data set",
        "setting": "batch or online algorithm",
        "model": "linear, or two hidden layers of 600 (nn)",
        "as_published": "as the authors' code does; else as the theorems ask, with certificates",
        "ratio": "K / sqrt(m), K being the number of priors",
        "steps": "training steps of the batch algorithm",
        "rounds": "most rounds of the online algorithm; 0 for all rows",
        "delta": "probability delta with which a certificate may fail",
    },
)
