"""The bounds that the ledgers may use, evaluated a second time by SciPy, give the same numbers."""

import numpy as np
import pytest

from fathometer.generalization import evaluate_bound
from fathometer.generalization.ledger._independent_bounds import evaluate

COMMON = {"delta": 0.03}
INPUTS = {
    "occam_binomial": (
        {"errors": 7, "n": 200, "weight": 0.9},
        {"errors": 0, "n": 50, "weight": 0.02},
        {"errors": 7, "n": 200, "weight": 0.5, "bits": 90},
        {"errors": 7, "n": 20000, "weight": 1.0, "bits": 9000},
    ),
    "coinbet": ({"losses": [0.1, 0.0, 0.3, 0.25, 1.0] * 40, "kl": 20.0},),
    "stratified_kl": ({"total": 12.5, "rows": 600, "share": 0.2, "classes": 4},),
    "test_split_binomial": ({"values": [0.25, 1.0], "counts": [20, 5], "n": 150},),
    "split_kl": ({"values": [0.25, 0.5, 1.0], "shares": [0.3, 0.2, 0.0], "kl": 2.0, "m": 400},),
    "supermart_nonneg": ({"risk": 1.5, "second_moment": 4.0, "kl": 0.0, "m": 1000, "lam": 0.04},),
    "group_gap": ({"hits": [3, 0, 12], "counts": [50, 20, 60]}, {"hits": [0], "counts": [0]}),
    "calibration_error": (
        {"stated": [0.3, 0.5, 0.9], "hits": [10, 20, 170], "counts": [40, 35, 190]},
        {"stated": [0.5, 0.95], "hits": [0, 10], "counts": [0, 10]},
    ),
    "test_betting_losses": ({"losses": [0.1, 0.0, 0.3, 0.25, 1.0] * 40}, {"losses": [0.0] * 30}, {"losses": [1.0] * 3}),
    "simultaneous_binomial": ({"errors": 7, "n": 200, "cells": 6},),
    "compression_binomial": ({"errors": 7, "size": 12, "m": 400}, {"errors": 700, "size": 300, "m": 4000}),
    "compression_kl": ({"risk": 0.05, "size": 12, "m": 400},),
    "maurer_exact": ({"risk": 0.05, "kl": 3.0, "m": 400}, {"risk": 0.0, "kl": 0.0, "m": 1}),
    "vote_first_order": ({"risk": 0.2, "kl": 1.5, "m": 300},),
    "vote_tandem": ({"tandem": 0.06, "kl": 1.5, "m": 300},),
    "vote_c_bound": (
        {"risk": 0.1, "tandem": 0.06, "kl": 0.5, "m": 2000},
        {"risk": 0.3, "tandem": 0.1, "kl": 0.5, "m": 5000},
        {"risk": 0.2, "tandem": 0.1, "kl": 0.5, "m": 1000},
        {"risk": 0.45, "tandem": 0.21, "kl": 0.5, "m": 100},
    ),
}


@pytest.mark.parametrize("name", INPUTS)
def test_both_evaluations_agree(name):
    for inputs in INPUTS[name]:
        found = evaluate_bound(name, **COMMON, **inputs).value
        assert found == pytest.approx(evaluate(name, COMMON | inputs), rel=1e-11)
        assert np.isfinite(found)
