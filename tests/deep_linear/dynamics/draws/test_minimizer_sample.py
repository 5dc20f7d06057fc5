import numpy as np
import pytest

from fathometer.deep_linear import (
    SHARPNESS,
    DeepLinear,
    Regression,
    balanced_sharpness,
    minimal_sharpness,
    sample_minimizers,
)
from fathometer.evidence import InputError

DATA = Regression(np.diag([2.0, 1.0]), np.array([1.0, -1.0]))


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_the_first_draw_is_flattest_the_second_balanced_and_the_rest_random(depth):
    problem = DeepLinear(DATA, depth)
    found = sample_minimizers(problem, 3, 50, seed=0).observe(SHARPNESS).value
    assert found.shape == (52,)
    assert found[0] == pytest.approx(minimal_sharpness(problem).value, rel=1e-12)
    assert found[1] == pytest.approx(balanced_sharpness(problem).value, rel=1e-12)
    assert np.all(found >= found[0] * (1 - 1e-12))
    assert depth == 1 or np.unique(found).size == 52


def test_nothing_to_explain_and_no_draws_are_refused():
    with pytest.raises(InputError, match="must explain something"):
        sample_minimizers(DeepLinear(Regression(np.eye(2), np.zeros(2)), 3), 2, 5, seed=0)
    with pytest.raises(InputError, match="count must be >= 1, got 0"):
        sample_minimizers(DeepLinear(DATA, 3), 2, 0, seed=0)
