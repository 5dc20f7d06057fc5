"""`certify`: a model on a table, certified: the smallest bound beside the risk on the test part."""

from pathlib import Path
from typing import Any

from fathometer.computations._values import number, table_file, worst
from fathometer.study import Column, Computation, Computed, Named, Real, Scalar, Text, module_at


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Fit on the training part, certify on rows that were not seen, and hold that against the test part."""
    from fathometer.data import load_table
    from fathometer.generalization import against_test
    from fathometer.generalization.learning import predictors

    model = parameters["model"]
    table = load_table(parameters["data"], parameters["target"], labels=True, mixed=True)
    plan = predictors.Plan(model=model, seed=seed, test_rows=table.test_rows, delta=parameters["delta"])
    factory = predictors.load_factory(model) if ":" in model else None
    frame = None if factory is None else table.frame
    rows = predictors.read_rows(table.features, table.target, plan, table.encoding, frame)
    made = predictors.certify_rows(rows, predictors.Source(model, factory), plan)
    return Computed(_values(made.certificate), worst([against_test(made.certificate.ledger)]))


def _own_model(name: str, base: Path) -> Named | None:
    return module_at(name) if ":" in name else None


def _values(certificate: Any) -> dict[str, Scalar]:
    ledger = certificate.ledger
    best = next((row for row in ledger.rows if row.bound == ledger.winner), None)
    return {
        "certified_risk": None if best is None else number(best.value),
        "winner": ledger.winner,
        "test_risk": number(ledger.test_risk),
        "test_risk_lower": number(ledger.test_risk.lower),
        "test_risk_upper": number(ledger.test_risk.upper),
        "rows": sum(ledger.sizes.values()),
        "deployed": certificate.competitors[certificate.chosen].name,
        "training_risk": number(certificate.overfitting.training_risk),
        "gap": number(certificate.overfitting.gap),
    }


COMPUTATION = Computation(
    name="certify",
    summary="a model on a table of classes: the smallest certified risk beside the risk on the test part",
    parameters={
        "data": Text("sklearn:breast_cancer"),
        "target": Text("target"),
        "model": Text("linear"),
        "delta": Real(1e-12, 0.999, 0.05),
    },
    compute=compute,
    columns={
        "certified_risk": Column(float, "smallest certified upper bound on the risk of its row"),
        "winner": Column(str, "id of that bound"),
        "test_risk": Column(float, "0/1 risk of the deployed model on the test part"),
        "test_risk_lower": Column(float, "lower end of its interval of 95 %"),
        "test_risk_upper": Column(float, "upper end of its interval of 95 %"),
        "rows": Column(int, "rows of the table that were used"),
        "deployed": Column(str, "the model that was chosen"),
        "training_risk": Column(float, "risk on the training part"),
        "gap": Column(float, "risk on the rows that certify - risk on the training part"),
    },
    files={"data": table_file, "model": _own_model},
    about={
        "data": "file of a table, or sklearn:NAME",
        "target": "column of labels",
        "model": "a model of ours, or module:factory",
        "delta": "probability delta with which any of the certificates may fail",
    },
)
