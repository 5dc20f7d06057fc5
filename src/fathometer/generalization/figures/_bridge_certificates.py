"""The routes on one linear classifier: certificates of its 0/1 risk against the number of rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.learning.linear._certificate import linear_certificate
from fathometer.report import Chart, Curve, Role

ROWS = np.array([300, 1000, 3000, 10_000, 30_000])
DIM, NOISE = 20, 0.1
ROUTES = {
    "risk_transport": "A: certificate of a prior, moved",
    "smooth_gauss": "B: smoothing",
    "covering": "covering numbers",
    "chain_gauss": "D: chaining",
    "rademacher_linear": "C: linear classes (Rademacher)",
    "output_conversion": "E: through the output",
}
MEASURED = "measured"


def certified(cell: Any) -> dict[str, NDArray[np.float64]]:
    """Certificates of a logistic regression on Gaussian rows whose labels have noise, and its risk on the test part."""
    rng = np.random.default_rng([cell["seed"], cell["rows"]])
    x = rng.normal(size=(cell["rows"], DIM))
    labels = x @ np.ones(DIM) / np.sqrt(DIM) + NOISE * rng.normal(size=len(x)) > 0
    ledger = linear_certificate(x, labels, seed=cell["seed"]).ledger
    values = {row.bound: row.value for row in ledger.rows if row.bound in ROUTES}
    numbers = {name: np.inf if value is None else value for name, value in values.items()}
    return {name: np.array(value) for name, value in (numbers | {MEASURED: ledger.test_risk.value}).items()}


def certificates_chart(values: dict[str, NDArray[np.float64]]) -> Chart:
    """Certificates by bound, and the measured risk, each of shape (len(ROWS),)."""
    shown = enumerate(ROUTES.items())
    curves = [Curve(text, ROWS, values[name], Role.PREDICTED, number) for number, (name, text) in shown]
    curves.append(Curve("test part, measured", ROWS, values[MEASURED], Role.MEASURED))
    caption = (
        f"Logistic regression, {DIM} Gaussian features, noisy labels; a third of the rows fix the prior, a third "
        "certify. Every curve is the certificate of the same classifier; above 1 it says nothing."
    )
    title = "Certified 0/1 risk of one classifier"
    return Chart(title, "rows of the table", "certified risk", tuple(curves), caption, True, True)
