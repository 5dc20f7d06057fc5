"""Every bound of the catalogue against a second evaluator with 50 digits: never below it, a few steps above."""

import mpmath as mp
import numpy as np
import pytest

from fathometer.generalization import bound, catalogue, evaluate_bound
from tests.oracles import (
    generalization,
    generalization_betting,
    generalization_classical,
    generalization_practice,
)

WIDE = np.finfo(np.longdouble).eps < 1e-18
ORACLES = {**vars(generalization_classical), **vars(generalization_practice)}
OWN = [candidate.id for candidate in catalogue() if candidate.id in ORACLES]


def draw(key: str, rng: np.random.Generator) -> float | np.ndarray:
    match key:
        case "risk" | "tandem":
            return float(rng.choice([0.0, rng.random(), 10 ** rng.uniform(-6, -1)]))
        case "delta":
            return float(rng.choice([0.05, 10 ** rng.uniform(-9, -0.1)]))
        case "m" | "n":
            return float(rng.integers(50, 10 ** rng.integers(2, 6)))
        case "dim" | "hypotheses":
            return float(rng.integers(1, 2000))
        case "vc_dim" | "blocks" | "priors" | "grid":
            return float(rng.integers(1, 40))
        case "weight" | "share":
            return float(rng.choice([0.9, 10 ** rng.uniform(-4, -0.01)]))
        case "rows":
            return float(rng.integers(50, 10 ** rng.integers(2, 6)))
        case "classes" | "cells" | "size":
            return float(rng.integers(1, 40))
        case "values":
            return np.sort(rng.random(3))
        case "shares":
            return np.sort(rng.choice([0.0, rng.random(), 1e-3], 3))[::-1]
        case "total":
            return float(rng.choice([0.0, 10 ** rng.uniform(-1, 4)]))
        case "scales":
            return float(rng.integers(0, 12))
        case "bits":
            return float(rng.choice([0, rng.integers(1, 60), rng.integers(60, 900)]))
        case "q":
            return float(rng.uniform(0.02, 0.95))
        case "lam":
            return float(rng.uniform(0.01, 1.99))
        case "C":
            return float(10 ** rng.uniform(-2, 1))
        case "log_ratio":
            return float(rng.uniform(-20, 200))
    return float(10 ** rng.uniform(-3, 1))


def test_every_bound_has_a_second_evaluator():
    modules = (generalization, generalization_betting, generalization_classical, generalization_practice)
    missing = [
        candidate.id for candidate in catalogue() if not any(hasattr(module, candidate.id) for module in modules)
    ]
    assert missing == []


def cells(rng, claimed: bool) -> dict[str, np.ndarray]:
    """Rows of three cells, some without any."""
    counts = rng.integers(0, 60, 3)
    counts[0] += 1
    stated = {"stated": rng.random(3)} if claimed else {}
    return stated | {"hits": rng.integers(0, counts + 1), "counts": counts}


@pytest.mark.parametrize("draws", [4, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", OWN)
def test_no_bound_is_rounded_down(name, draws):
    rng = np.random.default_rng(11)
    for _ in range(draws):
        keys = {key.name: draw(key.name, rng) for key in bound(name).keys}
        if "size" in keys:
            keys["m"] = float(min(keys["m"], 300))
        if {"errors", "size"} <= set(keys):
            keys["errors"] = float(rng.integers(0, keys["m"] - keys["size"] + 1))
        elif "errors" in keys:
            keys["n"] = float(min(keys["n"], 400))
            keys["errors"] = float(rng.integers(0, keys["n"] + 1))
        if "hits" in keys:
            keys |= cells(rng, "stated" in keys)
        elif "counts" in keys:
            keys["n"] = float(min(keys["n"], 60))
            keys["counts"] = np.sort(rng.integers(0, keys["n"] + 1, 3))[::-1]
        if "sample_norm" in keys and rng.random() < 0.5:
            del keys["sample_norm"]
        found = evaluate_bound(name, **keys)
        numbers = keys | ({"sigma": found.terms["sigma"]} if name == "smooth_increment_peeled" else {})
        exact = ORACLES[name](*numbers.values())
        assert found.value is not None
        loose = name in ("smooth_increment_peeled", "vote_c_bound", "group_gap", "calibration_error")
        top = 1e-12 if loose else 4 * float(np.spacing(found.value)) * (1 if WIDE else 300)
        assert (-1e-12 if name == "smooth_increment_peeled" else 0) <= mp.mpf(found.value) - max(exact, 0) <= top, keys
