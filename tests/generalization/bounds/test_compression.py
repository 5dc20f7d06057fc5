"""Sample compression: its limits, and the sizes that float64 cannot hold a level for."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


def test_no_row_is_a_predictor_with_half_of_delta():
    keys = {"errors": 7, "m": 200}
    found = value("compression_binomial", size=0, delta=0.05, **keys)
    assert found == pytest.approx(value("test_binomial", errors=7, n=200, delta=0.025), rel=1e-14)


def test_more_rows_cost_more():
    sizes = (0, 1, 5, 20, 60)
    for name, errors in (("compression_binomial", {"errors": 3}), ("compression_kl", {"risk": 0.02})):
        assert np.all(np.diff([value(name, size=size, m=300, delta=0.05, **errors) for size in sizes]) > 0)


@pytest.mark.parametrize(("errors", "size", "m"), [(0, 3, 100), (9, 30, 500), (300, 700, 5000), (1, 98, 100)])
def test_the_exact_tail_is_never_above_the_kl_form(errors, size, m):
    exact = value("compression_binomial", errors=errors, size=size, m=m, delta=0.05)
    chernoff = value("compression_kl", risk=errors / (m - size), size=size, m=m, delta=0.05)
    assert errors / (m - size) <= exact <= chernoff * (1 + 1e-14)


def test_a_level_below_every_float_has_chernoffs_limit():
    found = evaluate_bound("compression_binomial", errors=300, size=700, m=5000, delta=0.05)
    assert found.value == found.terms["kl_form"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"size": 10}, "size must be < m = 10, got 10"), ({"errors": 9}, "errors must be <= n = 8, got 9")],
)
def test_impossible_sizes_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        value("compression_binomial", **{"errors": 1, "size": 2, "m": 10, "delta": 0.05} | changes)
