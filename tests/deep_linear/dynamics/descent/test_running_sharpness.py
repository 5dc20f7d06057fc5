import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.oracles.deep_linear import PLAIN, READOUT, UNEVEN, cosines, dense_hessian, network

from fathometer.deep_linear import DeepLinear, Recording, Training, descend_batch, paper_samples, reduced_spectrum
from fathometer.deep_linear.model._initial import Initial


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "weights"),
    [
        (network(4), cosines(PLAIN)),
        (network(4), cosines(UNEVEN)),
        (network(1), (np.ones((1, 3)),)),
        (network(2, READOUT), cosines(((2, 3), (3, 2)))),
    ],
)
def test_sharpness_while_training_is_the_top_eigenvalue(problem, weights):
    run = descend_batch(problem, weights, [0.002], Training(12), Recording(every=3, store=True, sharpness=True))
    for t in range(5):
        values = np.linalg.eigvalsh(dense_hessian(problem, [matrix[t, 0] for matrix in run.stored]))
        found, residual = run.sharpness[t, 0], run.residual[t, 0]
        assert found <= values[-1] * (1 + 1e-12)
        assert_allclose(found, values[-1], rtol=1e-5)
        assert np.min(np.abs(values - found)) <= residual + 1e-10


@pytest.mark.slow
def test_the_sign_counts_on_a_plateau():
    """Where the most negative eigenvalue is the larger one in absolute value."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10)
    weights = Initial.parse("gaussian:0.35").draw(problem, 5, 24, 3)
    run = descend_batch(problem, weights, [0.02] * 24, Training(40), Recording(every=5, store=True, sharpness=True))
    dominated = 0
    for t in range(0, 9, 2):
        for i in range(24):
            values = reduced_spectrum(problem, [matrix[t, i] for matrix in run.stored])
            dominated += -values[0] > 1.2 * values[-1]
            assert_allclose(run.sharpness[t, i], values[-1], rtol=1e-3)
            assert np.min(np.abs(values - run.sharpness[t, i])) <= run.residual[t, i] + 1e-10
    assert dominated > 10


@pytest.mark.slow
def test_a_diverged_run_does_not_disturb_the_others():
    problem = network(3)
    both = descend_batch(
        problem, cosines(((3, 3), (3, 3), (1, 3))), [0.001, 5.0], Training(20), Recording(every=5, sharpness=True)
    )
    alone = descend_batch(
        problem, cosines(((3, 3), (3, 3), (1, 3))), [0.001], Training(20), Recording(every=5, sharpness=True)
    )
    assert np.isnan(both.sharpness[-1, 1])
    assert_allclose(both.sharpness[:, 0], alone.sharpness[:, 0], rtol=1e-5)
