import numpy as np
import pytest

from fathometer.generalization import evaluate_bound
from fathometer.generalization.figures._of_bound import bound_figure

GIVEN = {"risk": "0.1", "kl": "10", "m": "1000", "delta": "0.05"}


def test_the_curve_against_the_sample_size_is_the_bound():
    figure = bound_figure("maurer_seeger", GIVEN)
    sizes, values = figure.data["m"], figure.data["by_m"]
    assert len(figure.charts) == 2
    assert sizes[0] == 10
    assert sizes[-1] == 100_000
    assert values[7] == evaluate_bound("maurer_seeger", **{**GIVEN, "m": f"{sizes[7]:.0f}"}).value
    assert np.all(np.diff(values) < 0)
    assert np.all(np.diff(figure.data["by_delta"]) < 0)


def test_sizes_that_are_not_allowed_are_left_out():
    figure = bound_figure("test_binomial", {"errors": "50", "n": "100", "delta": "0.05"})
    assert np.array_equal(np.isnan(figure.data["by_n"]), figure.data["n"] < 50)


@pytest.mark.parametrize("name", ["test_betting_losses"])
def test_a_bound_without_a_size_is_drawn_against_delta_alone(name):
    assert len(bound_figure(name, {"losses": "0.1,0.2,0.3", "delta": "0.05"}).charts) == 1
