"""How wrong can this model be on new rows?

A logistic regression is fitted on one part of a table and certified with rows that it never saw. Every row of
the ledger is an upper bound on a risk; together they hold with probability at least 0.95. The markers are the
risks on a third part of the table, which only measures.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer

from fathometer.evidence import Estimate, text_up
from fathometer.generalization.learning.predictors import certify_predictor
from fathometer.report import Bars, render

certificate = certify_predictor(*load_breast_cancer(return_X_y=True), "linear")
rows = [row for row in certificate.ledger.rows if row.value is not None]
print(certificate.overfitting.sentence)
for row in rows:
    print(f"{row.bound:18} at most {text_up(row.value, 3)}")
assert all(row.value >= np.max(row.measured.lower) for row in rows)

chart = Bars(
    "Certified and measured risk",
    "risk (share of errors)",
    tuple(row.bound for row in rows),
    [row.value for row in rows],
    Estimate.stack([row.measured for row in rows]),
    1.0,
)
Path("generalization_one_table.svg").write_bytes(render((chart,), "svg"))
