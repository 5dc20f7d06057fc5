import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from fathometer.deep_linear import DeepLinearRegressor, minimal_sharpness
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.evidence import InputError


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore::UserWarning")
@parametrize_with_checks([DeepLinearRegressor(max_iter=3000), DeepLinearRegressor(depth=4, init="balanced:0.5")])
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def data():
    rng = np.random.default_rng(0)
    X = rng.normal([3, 0, -1, 0], 1, (60, 4))
    return X, X @ [1.0, -2.0, 0.5, 0.0] + 4 + 0.1 * rng.standard_normal(60)


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_it_finds_the_least_squares_solution(depth, fit_intercept):
    X, y = data()
    found = DeepLinearRegressor(depth, init="balanced:0.7", fit_intercept=fit_intercept, tol=1e-16).fit(X, y)
    expected = LinearRegression(fit_intercept=fit_intercept).fit(X, y)
    assert_allclose(found.coef_, expected.coef_, atol=1e-6)
    assert_allclose(found.intercept_, expected.intercept_, atol=1e-6)
    assert_allclose(found.predict(X), expected.predict(X), atol=1e-5)
    assert found.n_iter_ < 20_000
    assert len(found.weights_) == depth


def test_what_it_says_about_sharpness():
    X, y = data()
    found = DeepLinearRegressor(3, init="gaussian:0.5", random_state=0).fit(X, y)
    centred = Regression.from_data(X - X.mean(axis=0), y - y.mean())
    flattest = minimal_sharpness(DeepLinear(centred, 3))
    assert found.sharpness_.value >= flattest.lower
    assert_allclose(found.largest_stable_step_.value, 2 / flattest.value)
    assert found.step_ <= found.largest_stable_step_.value / 2 * 1.001


def test_it_works_in_a_pipeline_on_real_data():
    X, y = load_diabetes(return_X_y=True)
    model = make_pipeline(StandardScaler(), DeepLinearRegressor(depth=3, random_state=0, tol=1e-4)).fit(X, y)
    assert_allclose(model.score(X, y), LinearRegression().fit(X, y).score(X, y), atol=1e-3)


def test_the_random_state_decides():
    X, y = data()
    first, same, other = (
        DeepLinearRegressor(3, init="gaussian:0.5", random_state=seed).fit(X, y).weights_[0] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same)
    assert not np.allclose(first, other)


def test_too_few_steps_are_a_warning():
    X, y = data()
    with pytest.warns(ConvergenceWarning, match="did not converge in 3 steps"):
        DeepLinearRegressor(3, max_iter=3).fit(X, y)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"depth": 0}, "depth must be >= 1"),
        ({"width": 0}, "width must be >= 1"),
        ({"init": "gaussian"}, "init must be KIND:SCALE"),
        ({"init": "residual:1"}, "residual weights need a network with a readout"),
        ({"step": -1.0}, "step must be > 0"),
        ({"step": 100.0, "init": "gaussian:1"}, "descent diverged at step .*: step 100"),
        ({"max_iter": 0}, "max_iter must be >= 1"),
        ({"tol": -1}, "tol must be >= 0"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        DeepLinearRegressor(**parameters).fit(*data())


def test_a_constant_target_is_its_level():
    X = data()[0]
    model = DeepLinearRegressor(max_iter=2000)
    with pytest.warns(ConvergenceWarning):
        assert_allclose(model.fit(X, np.full(60, 5.0)).predict(X), 5, atol=1e-2)


@pytest.mark.parametrize(("left", "right"), [(20, -20), (-300, 4), (3, 500), (0, -900)])
@pytest.mark.parametrize("init", ["balanced:0.7", "gaussian:0.5"])
def test_powers_of_two_scale_the_predictions_exactly(left, right, init):
    X, y = data()
    model = DeepLinearRegressor(3, init=init, max_iter=20, tol=1e-14, random_state=0)
    with pytest.warns(ConvergenceWarning):
        plain = model.fit(X, y).predict(X)
    with pytest.warns(ConvergenceWarning):
        scaled = model.fit(np.ldexp(X, left), np.ldexp(y, right)).predict(np.ldexp(X, left))
    assert_allclose(np.ldexp(scaled, -right), plain, rtol=1e-13)


@pytest.mark.parametrize(("left", "right"), [(1e6, 1e-6), (3.7e-9, 1.3e7), (1e100, 1e-100)])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_other_units_scale_them_within_a_millionth(left, right, depth):
    X, y = data()
    model = DeepLinearRegressor(depth, random_state=0)
    plain, step = model.fit(X, y).predict(X), model.step_
    scaled = model.fit(X * left, y * right)
    assert_allclose(scaled.predict(X * left) / right, plain, rtol=1e-6)
    unit = np.exp(2 / depth * np.log(right / left) - 2 * np.log(right))
    assert_allclose(scaled.step_, step * unit, rtol=1e-6)
    assert scaled.step_ < scaled.largest_stable_step_.value
    there = DeepLinear(Regression.from_data((X - X.mean(0)) * left, (y - y.mean()) * right), depth)
    assert_allclose(2 / scaled.largest_stable_step_.value, minimal_sharpness(there).value, rtol=1e-9)
    assert_allclose(np.linalg.multi_dot([*scaled.weights_[::-1], np.eye(4)])[0], scaled.coef_, rtol=1e-9)


@pytest.mark.parametrize("y", [["a", "b", "c"], ["1", "2", "3"], np.array([1, "2", 3.0], object)])
def test_text_is_no_target(y):
    with pytest.raises(InputError, match=r"y must be numbers, got '(a|1|2)'"):
        DeepLinearRegressor().fit(np.eye(3), y)


def test_dates_are_no_target():
    for unit in ("datetime64[D]", "datetime64[ns]"):
        days = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], unit)
        for y in (days, days - days[0], list(days)):
            with pytest.raises(InputError, match="y must be numbers, got"):
                DeepLinearRegressor().fit(np.eye(3), y)
