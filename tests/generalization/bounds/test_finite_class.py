"""A countable class: the exact tail is never above the forms in closed form."""

import pytest
from hypothesis import given, strategies as st

from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


@given(st.integers(1, 2000), st.floats(0, 1), st.floats(1e-6, 1), st.floats(1e-6, 0.5))
def test_the_exact_tail_is_never_above_the_kl_and_hoeffding_forms(n, part, weight, delta):
    errors = round(part * n)
    found = evaluate_bound("occam_binomial", errors=errors, n=n, weight=weight, delta=delta)
    closed = evaluate_bound("occam", risk=errors / n, hypotheses=max(1 / weight, 1), m=n, delta=delta)
    assert found.value <= closed.value * (1 + 1e-14)
    assert found.value <= closed.terms["hoeffding_form"] * (1 + 1e-14)
    assert found.value <= found.terms["kl_form"]


def test_the_whole_weight_is_the_held_out_bound_and_less_costs_its_logarithm():
    keys = {"errors": 7, "n": 300}
    assert value("occam_binomial", weight=1, delta=0.05, **keys) == value("test_binomial", delta=0.05, **keys)
    assert value("occam_binomial", weight=0.125, delta=0.5, **keys) == value("test_binomial", delta=0.0625, **keys)
    assert value("occam_binomial", weight=0.1, delta=0.05, **keys) > value(
        "occam_binomial", weight=0.9, delta=0.05, **keys
    )


def test_a_weight_below_every_float_has_chernoffs_limit():
    assert value("occam_binomial", errors=0, n=100, weight=1e-320, delta=0.05) == pytest.approx(0.99938766, rel=1e-7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"errors": 11}, "errors must be <= n = 10, got 11"),
        ({"weight": 0}, "weight must be > 0 and <= 1, got 0"),
        ({"weight": 1.5}, "weight must be > 0 and <= 1, got 1.5"),
    ],
)
def test_impossible_numbers_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        value("occam_binomial", **{"errors": 1, "n": 10, "weight": 0.5, "delta": 0.05} | changes)
