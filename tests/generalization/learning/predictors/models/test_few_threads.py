"""Threads for fits: few where many would wait for each other."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info

from fathometer.generalization.learning.predictors.models._fitting import LARGE, SMALL, few_threads, fit


def threads(api: str) -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == api}


def test_small_data_have_one_thread_and_medium_ones_for_products_of_matrices():
    before = threads("openmp")
    with few_threads(SMALL - 1):
        assert threads("openmp") | threads("blas") == {1}
    with few_threads(LARGE - 1):
        assert threads("blas") == {1}
        assert threads("openmp") == before


def test_a_wide_logistic_regression_is_fitted_in_single_and_scored_in_double_precision():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 750))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    model = fit(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": 0.01}, x, y, 0)
    assert model[-1].coef_.dtype == model[-1].intercept_.dtype == np.float64
    peer = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, tol=1e-8)).fit(x, y)
    assert np.allclose(model.decision_function(x), peer.decision_function(x), atol=0.02)
