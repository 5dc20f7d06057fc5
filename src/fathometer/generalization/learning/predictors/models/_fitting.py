"""Fits of estimators of scikit-learn with the solver that the data call for, and without its warnings."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

HESSIAN = 700
"""Most unknowns of a logistic regression for Newton's method, whose step costs their square times the rows."""

NEWTON = 2e11
"""Most multiplications of such a step."""

STEPS = 200
"""Most steps of a logistic regression by L-BFGS, which stops early then."""

SMALL = 500_000
"""Entries of a matrix that are not worth a second thread, and ..."""

LARGE = 100_000_000
"""... those from which on matrix products are: threads that find no free core wait much longer than they work."""

FEW = 2_000
"""Rows of which a tenth says too little about when a network should stop."""

ROWS = 10_000
"""Most rows of a quantile regression, a linear program; more hardly change it."""


def fit(estimator: Any, settings: Mapping[str, Any], x: NDArray, y: NDArray, seed: int) -> Any:
    """A fitted clone with these settings.

    Args:
        estimator: of scikit-learn, left alone.
        settings: parameters to set.
        x: shape (n, p).
        y: shape (n,).
        seed: of the choice of rows, where a fit cannot take all.
    """
    with quiet():
        before, model, z = _prepared(estimator, x)
        _fit_model(model.set_params(**_of_model(settings)), z, y, seed)
    return model if before is None else _joined(estimator, before, model)


def prepared(estimator: Any, x: NDArray) -> tuple[Any, NDArray]:
    """The last step of an estimator, unfitted, and what the steps before it make of all rows, without their labels.

    Args:
        estimator: of scikit-learn, left alone.
        x: shape (n, p).
    """
    with quiet():
        return _prepared(estimator, x)[1:]


def fits(model: Any, settings: Sequence[Mapping[str, Any]], z: NDArray, y: NDArray, seed: int) -> Iterator[Any]:
    """Fit for each of the settings; a regression starts at the last.

    Args:
        model: of scikit-learn, the last step of an estimator; left alone.
        settings: parameters of the estimator to set, in order.
        z: shape (n, q), rows as the steps before prepared them.
        y: shape (n,).
        seed: of the choice of rows, where a fit cannot take all.

    Yields:
        The same clone each time, fitted anew: use it before the next one.
    """
    from sklearn.base import clone

    model = clone(model)
    _start_at_the_last(model)
    for chosen in settings:
        with quiet():
            _fit_model(model.set_params(**_of_model(chosen)), z, y, seed)
        yield model


@contextmanager
def quiet() -> Iterator[None]:
    """Without what scikit-learn has to say about convergence, rare classes and ill-conditioned steps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def few_threads(size: int) -> Any:
    """One thread for small data, and for the matrix products of any but the largest.

    Args:
        size: number of entries of the features.
    """
    return threadpool_limits(1) if size < SMALL else threadpool_limits(1 if size < LARGE else None, user_api="blas")


def _prepared(estimator: Any, x: NDArray) -> tuple[Any, Any, NDArray]:
    """The fitted preparation, the last step unfitted, and what the preparation makes of the rows."""
    from sklearn.base import clone
    from sklearn.pipeline import Pipeline

    if not isinstance(estimator, Pipeline) or len(estimator.steps) < 2:
        return None, clone(estimator), x
    steps: list[tuple[str, Any]] = cast("Pipeline", clone(estimator)).steps
    before = Pipeline(steps[:-1])
    return before, steps[-1][1], before.fit_transform(x)


def _joined(estimator: Any, before: Any, model: Any) -> Any:
    from sklearn.pipeline import Pipeline

    return Pipeline([*before.steps, (estimator.steps[-1][0], model)])


def _of_model(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the last step, without its name."""
    return {name.partition("__")[2] or name: value for name, value in settings.items()}


def _start_at_the_last(model: Any) -> None:
    """Let a logistic regression begin at the coefficients before, and a forest count no votes out of the bag."""
    from sklearn.linear_model import LogisticRegression

    inner = _inside(model)
    if isinstance(inner, LogisticRegression):
        inner.set_params(warm_start=True)
    elif "oob_score" in inner.get_params():
        inner.set_params(oob_score=False)


def _fit_model(model: Any, z: NDArray, y: NDArray, seed: int) -> None:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, QuantileRegressor

    inner = _inside(model)
    _stop_early_if_possible(inner, y)
    z = _without_empty_columns(z)
    if isinstance(model, LogisticRegression):
        model.set_params(**_solver(z.shape, len(np.unique(y))))
        z = z.astype(np.float32) if model.solver == "lbfgs" else z  # memory is what such a fit waits for
    if isinstance(inner, QuantileRegressor) and len(y) > ROWS:
        rows = np.random.default_rng(seed).choice(len(y), ROWS, replace=False)
        z, y = z[rows], y[rows]
    if isinstance(inner, (RandomForestClassifier, RandomForestRegressor)):
        # answers of trees are added in the order in which threads finish: fitted by all cores, asked by one
        inner.set_params(n_jobs=-1)
        model.fit(z, y)
        for each in (inner, getattr(model, "regressor_", inner)):
            each.set_params(n_jobs=None)
    else:
        with few_threads(z.size):
            model.fit(z, y)
        _widen(model)


def _inside(model: Any) -> Any:
    """The regressor behind the scaling of its target, or the model itself."""
    return getattr(model, "regressor", model)


def _widen(model: Any) -> None:
    """Coefficients as float64, so that scores are sums of that precision."""
    for name in ("coef_", "intercept_"):
        if getattr(getattr(model, name, None), "dtype", None) == np.float32:
            setattr(model, name, getattr(model, name).astype(np.float64))


def _solver(shape: tuple[int, ...], classes: int) -> dict[str, Any]:
    unknowns = (shape[1] + 1) * (classes if classes > 2 else 1)
    if unknowns <= HESSIAN and shape[0] * unknowns**2 <= NEWTON:
        return {"solver": "newton-cholesky", "max_iter": 100}
    return {"solver": "lbfgs", "max_iter": STEPS}


def _stop_early_if_possible(model: Any, y: NDArray) -> None:
    """Fit to the end where the tenth of the rows that says when to stop could not hold every class, or is too small."""
    from sklearn.base import is_classifier
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    if "early_stopping" not in model.get_params():
        return
    counts = np.unique(y, return_counts=True)[1] if is_classifier(model) else np.array([len(y)])
    few = isinstance(model, (MLPClassifier, MLPRegressor)) and len(y) < FEW
    if few or counts.min() < 2 or len(y) < 10 * counts.size:
        model.set_params(early_stopping=False)


def _without_empty_columns(z: NDArray) -> NDArray:
    """Zeros where a column has no value at all: nothing can be learnt from it, and some models fail on it."""
    empty = np.flatnonzero(np.isnan(z[0])) if z.dtype.kind == "f" else []
    empty = [j for j in empty if np.isnan(z[:, j]).all()]
    if not empty:
        return z
    z = z.copy()
    z[:, empty] = 0
    return z
