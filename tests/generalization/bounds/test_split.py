"""Losses with few values: what the parts add up to, and where splitting helps."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound

HELD_OUT = {"values": [0.25, 1], "counts": [20, 5], "n": 200, "delta": 0.05}


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


def test_one_value_is_the_bound_of_that_loss():
    binomial = value("test_binomial", errors=7, n=100, delta=0.05)
    assert value("test_split_binomial", values=[1], counts=[7], n=100, delta=0.05) == pytest.approx(binomial, rel=1e-15)
    assert value("test_split_binomial", values=[0.5], counts=[7], n=100, delta=0.05) == pytest.approx(binomial / 2)
    kl = {"kl": 3, "m": 500, "delta": 0.05}
    assert value("split_kl", values=[1], shares=[0.1], **kl) == pytest.approx(
        value("maurer_seeger", risk=0.1, **kl), rel=1e-15
    )


def test_the_parts_are_added_with_the_steps_between_the_values():
    parts = [value("test_binomial", errors=k, n=200, delta=0.025) for k in (20, 5)]
    assert value("test_split_binomial", **HELD_OUT) == pytest.approx(0.25 * parts[0] + 0.75 * parts[1], rel=1e-14)
    assert evaluate_bound("test_split_binomial", **HELD_OUT).terms["empirical_risk"] == pytest.approx(0.04375)


def test_text_gives_the_same():
    as_text = {"values": "0.25,1", "counts": "20,5", "n": "200", "delta": "0.05"}
    assert value("test_split_binomial", **as_text) == value("test_split_binomial", **HELD_OUT)


def test_splitting_helps_where_most_losses_are_in_the_middle():
    """A loss that is nearly always 1/2 has hardly any variance, which kl does not see."""
    split = value("split_kl", values=[0.5, 1], shares=[0.99, 0.01], kl=3, m=500, delta=0.05)
    assert split < value("maurer_seeger", risk=0.5, kl=3, m=500, delta=0.05) - 0.02


def test_more_of_larger_losses_is_a_larger_bound():
    found = [value("test_split_binomial", **HELD_OUT | {"counts": counts}) for counts in ([20, 5], [20, 6], [21, 6])]
    assert np.all(np.diff(found) > 0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"counts": [20]}, "one number is needed for each of 2 values, got 1"),
        ({"values": [1, 0.25]}, "values must not fall, and what is counted for each must not grow"),
        ({"counts": [5, 20]}, "values must not fall, and what is counted for each must not grow"),
        ({"counts": [201, 5]}, "counts must be whole numbers <= n = 200, got 201"),
        ({"counts": [20.5, 5]}, "counts must be whole numbers <= n = 200, got 20.5"),
        ({"values": [0.25, 2]}, "each of values must be >= 0 and <= 1, got 2"),
    ],
)
def test_impossible_losses_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        value("test_split_binomial", **HELD_OUT | changes)
