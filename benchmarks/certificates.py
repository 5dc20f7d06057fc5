"""Certificates against what scikit-learn's own models reach on the same rows: one JSON line per set, model and seed.

python benchmarks/certificates.py FOLDER [--sets breast_cancer,spambase,...] [--seeds 0,1,2,3,4] [--models linear,auto]

The winning certificate of `linear` stands against the limit of Clopper and Pearson of a cross-validated
LogisticRegression, that of `auto` against HistGradientBoosting's, both at the whole delta: what a single model, fixed
before, would be certified with. Each peer is trained on the same training part and counted on the same held-out rows.
FOLDER holds the public sets, as `fathometer certify fetch` writes them; breast_cancer comes with scikit-learn.
"""

import argparse
import json
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fathometer.data import Split, load_public_set
from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound
from fathometer.generalization.learning.predictors import (
    Plan,
    PredictorCertificate,
    Rows,
    Source,
    certify_rows,
    read_rows,
)
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.ledger._copies import grouped_rows

SETS = ("breast_cancer", "spambase", "optdigits", "magic", "letter", "mnist")
BAR = 1.05
DELTA = 0.05

GRID = 500_000
"""Entries of the training features up to which the peer has all of scikit-learn's ten C and five folds; above that four
C and one fold, a fifth of the rows, which end in time."""


def load(name: str, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Features and labels of a set."""
    if name == "breast_cancer":
        return load_breast_cancer(return_X_y=True)  # type: ignore[return-value]
    found = load_public_set(name, folder)
    return found.features, found.labels


def regression(size: int, seed: int) -> Any:
    """The peer of `linear`: C by cross-validation, until it has converged where that ends in time."""
    whole = {"Cs": 10, "cv": 5, "max_iter": 1000}
    one = StratifiedShuffleSplit(1, test_size=0.2, random_state=seed)
    settings = whole if size <= GRID else {"Cs": [1e-3, 1e-2, 1e-1, 1.0], "cv": one, "max_iter": 100}
    return make_pipeline(StandardScaler(), LogisticRegressionCV(**settings, scoring="accuracy"))


def boosting(size: int, seed: int) -> Any:
    """The peer of `auto`."""
    return HistGradientBoostingClassifier(random_state=seed)


PEERS = {"linear": regression, "auto": boosting}


def parts_of(rows: Rows, plan: Plan) -> Split:
    """The parts that a certificate with this plan has."""
    return drawn_parts(plan, grouped_rows(rows.x, rows.truth, 2).numbers, rows.truth)


def compared(name: str, rows: Rows, model: str, seed: int) -> dict[str, Any]:
    """One certificate and its peer."""
    start = time.perf_counter()
    certificate = certify_rows(rows, Source(model), Plan(model, seed=seed, delta=DELTA)).certificate
    middle = time.perf_counter()
    parts = parts_of(rows, certificate.plan)
    train, held_out = (parts.part(part) for part in ("training", "held_out"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = PEERS[model](rows.x[train].size, seed).fit(rows.x[train], rows.truth[train])
    wrong = int(np.sum(peer.predict(rows.x[held_out]) != rows.truth[held_out]))
    limit = float(evaluate_bound("test_binomial", errors=wrong, n=held_out.size, delta=DELTA).value or 1)
    return {
        "set": name,
        "model": model,
        "seed": seed,
        **described(certificate),
        "peer": round(limit, 5),
        "peer_errors": wrong,
        "held_out": held_out.size,
        "ratio": round(winning(certificate) / limit, 4),
        "seconds": round(middle - start, 1),
        "peer_seconds": round(time.perf_counter() - middle, 1),
    }


def winning(certificate: PredictorCertificate) -> float:
    """Value of the winner of the ledger; 1 if there is none."""
    ledger = certificate.ledger
    return next((float(row.value or 1) for row in ledger.rows if row.bound == ledger.winner), 1.0)


def described(certificate: PredictorCertificate) -> dict[str, Any]:
    """The certificate, and who was deployed."""
    deployed = certificate.competitors[certificate.chosen]
    return {
        "certificate": round(winning(certificate), 5),
        "deployed": deployed.name,
        "place": certificate.chosen,
        "errors": int(deployed.total),
        "others": {other.name: int(other.total) for other in certificate.competitors if other is not deployed},
    }


def lines(folder: Path, sets: Sequence[str], models: Sequence[str], seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """One line for each set, model and seed, then the summary.

    Yields:
        Numbers of one comparison, why a set was left out, or the summary.
    """
    ratios = {}
    for name in sets:
        try:
            x, y = load(name, folder)
        except InputError as error:
            yield {"set": name, "skipped": str(error)}
            continue
        rows = read_rows(x, y, Plan())
        for model in models:
            for seed in seeds:
                line = compared(name, rows, model, seed)
                ratios[name, model, seed] = line["ratio"]
                yield line
    missed = [" ".join(map(str, case)) for case, ratio in ratios.items() if ratio > BAR]
    yield {"bar": BAR, "cases": len(ratios), "largest_ratio": max(ratios.values(), default=None), "missed": missed}


def main() -> None:
    """Compare what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--models", default=",".join(PEERS))
    parser.add_argument("--seeds", default="0,1,2,3,4")
    asked = parser.parse_args()
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    for line in lines(asked.folder, asked.sets.split(","), asked.models.split(","), seeds):
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
