"""Deep linear regression as a scikit-learn estimator."""

import dataclasses
import math
import warnings
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.model._curvature import reduced_sharpness, sharpness_at_minimizer
from fathometer.deep_linear.model._initial import Initial
from fathometer.deep_linear.model._logarithms import exponential
from fathometer.deep_linear.model._network import Weights, product
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.observables._outcome import at_minimizer
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import balanced_sharpness
from fathometer.evidence import Estimate, InputError, finite_array, finite_number, whole_number

_ROUND = 500  # steps between two looks at the risk


class DeepLinearRegressor(RegressorMixin, BaseEstimator):
    """Least squares learnt by gradient descent on a product of matrices.

    Args:
        depth: number of layers, at least 1.
        width: of all hidden layers; as many as there are features if None.
        init: initial weights, KIND:SCALE with KIND gaussian, balanced, spectral or cosine, in the unit of the layers
            (|y| / sqrt(lambda_max))^{1/depth}, where |y| is the root mean square of the target: the start follows the
            units of the data.
        step: step size, above 0, for the data as given; if None, 1 / S_balanced, half of the largest that is stable at
            the balanced minimizer.
        max_iter: largest number of steps.
        tol: descent stops when the risk above its minimum is this fraction of what the least-squares solution explains.
        fit_intercept: whether to centre the features and the target first.
        random_state: of the initial weights.

    Attributes:
        coef_: shape (n_features,).
        intercept_: float.
        weights_: W_1 to W_L.
        sharpness_: top Hessian eigenvalue of the mean squared error at `weights_`, as an Estimate.
        largest_stable_step_: 2 / S_min, beyond which descent is unstable at every minimizer, as an Estimate.
        step_: the step size that was used.
        n_iter_: number of steps.
        n_features_in_: number of features.
    """

    def __init__(  # scikit-learn asks that nothing is checked here
        self,
        depth: Any = 2,
        *,
        width: Any = None,
        init: Any = "balanced:0.1",
        step: Any = None,
        max_iter: Any = 20_000,
        tol: Any = 1e-10,
        fit_intercept: Any = True,
        random_state: Any = None,
    ) -> None:
        self.depth = depth
        self.width = width
        self.init = init
        self.step = step
        self.max_iter = max_iter
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "DeepLinearRegressor":
        """Train the network.

        Args:
            X: shape (n_samples, n_features).
            y: shape (n_samples,).

        Raises:
            InputError: if a parameter is out of range, or descent diverges.
        """
        _refuse_text(y)
        read = validate_data(self, X, y, y_numeric=True, dtype=np.float64)
        finite_array("X", X, ndim=2)  # scikit-learn takes dates and digits in text for numbers
        finite_array("y", y)
        features, target = (np.asarray(part, np.float64) for part in read)
        scaled = _Scaled.of(features, target, bool(self.fit_intercept), self.depth)
        problem = scaled.problem
        width = problem.regression.dimension if self.width is None else self.width
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        start = tuple(matrix[0] for matrix in Initial.parse(self.init).draw(problem, width, 1, seed))
        given = None if self.step is None else finite_number("step", self.step, above=0)
        step = _default_step(problem) if given is None else given * exponential(-scaled.log_step)
        self.step_ = step * exponential(scaled.log_step) if given is None else given
        weights = self._descend(problem, start, step)
        sharpness = (sharpness_at_minimizer if at_minimizer(problem, weights) else reduced_sharpness)(problem, weights)
        self.sharpness_ = _times(sharpness, -scaled.log_step)
        self.largest_stable_step_ = _times(critical_step(minimal_sharpness(problem)), scaled.log_step)
        self.weights_ = tuple(matrix * math.exp(scaled.log_unit / problem.depth) for matrix in weights)
        self.coef_ = scaled.coefficients(product(weights))
        self.intercept_ = scaled.intercept(self.coef_)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Return the linear predictions, shape (n_samples,).

        Args:
            X: shape (n_samples, n_features).
        """
        check_is_fitted(self)
        features = np.asarray(validate_data(self, X, reset=False, dtype=np.float64))
        finite_array("X", X, ndim=2)
        return features @ self.coef_ + self.intercept_

    def _descend(self, problem: DeepLinear, weights: Weights, step: float) -> Weights:
        """Descend until the risk is close enough to its minimum.

        Raises:
            InputError: if it diverges.
        """
        limit = whole_number("max_iter", self.max_iter, at_least=1)
        close = finite_number("tol", self.tol, at_least=0) * problem.regression.explained
        self.n_iter_ = 0
        while self.n_iter_ < limit:
            steps = min(_ROUND, limit - self.n_iter_)
            run = descend_batch(problem, weights, [step], Training(steps), Recording(steps))
            if np.isfinite(run.diverged_at[0]):
                at = self.n_iter_ + int(run.diverged_at[0])
                raise InputError(
                    f"descent diverged at step {at}: step {self.step_:.3g} or the scale of init is too large"
                )
            weights, self.n_iter_ = tuple(matrix[0] for matrix in run.weights), self.n_iter_ + steps
            if run.excess_risk[-1, 0] <= close:
                return weights
        remedy = "more steps, or features of one size (StandardScaler), would help"
        warnings.warn(f"descent did not converge in {limit} steps: {remedy}", ConvergenceWarning, stacklevel=3)
        return weights


class _Scaled(NamedTuple):
    """Data in units where lambda_max and the mean square of the target are 1, and the way back.

    Attributes:
        problem: the network on these data.
        exponents: of the powers of two that the features and the target were divided by, which is exact.
        sizes: what they were divided by afterwards.
        means: of the features and the target after the powers of two; zero without an intercept.
    """

    problem: DeepLinear
    exponents: tuple[int, int]
    sizes: tuple[float, float]
    means: tuple[NDArray[np.float64], float]

    @classmethod
    def of(cls, X: NDArray[np.float64], y: NDArray[np.float64], centred: bool, depth: Any) -> "_Scaled":
        exponents = int(np.frexp(np.abs(X).max())[1]), int(np.frexp(np.abs(y).max())[1])
        features, target = np.ldexp(X, -exponents[0]), np.ldexp(y, -exponents[1])
        means = (features.mean(axis=0), float(target.mean())) if centred else (np.zeros(X.shape[1]), 0.0)
        features, target = features - means[0], target - means[1]
        data = Regression.from_data(features, target)
        sizes = math.sqrt(data.lambda_max) or 1.0, math.sqrt(data.risk_min + data.explained) or 1.0
        inner = Regression.from_data(features / sizes[0], target / sizes[1])
        return cls(DeepLinear(inner, depth), exponents, sizes, means)

    @property
    def log_unit(self) -> float:
        """Logarithm of the unit of the product of the layers."""
        return (self.exponents[1] - self.exponents[0]) * math.log(2) + math.log(self.sizes[1] / self.sizes[0])

    @property
    def log_step(self) -> float:
        """Logarithm of the unit of steps: of squared layers over squared targets."""
        log_target = self.exponents[1] * math.log(2) + math.log(self.sizes[1])
        return 2 * self.log_unit / self.problem.depth - 2 * log_target

    def coefficients(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """The product of the layers for the data as given."""
        return np.ldexp(w * (self.sizes[1] / self.sizes[0]), self.exponents[1] - self.exponents[0])

    def intercept(self, coefficients: NDArray[np.float64]) -> float:
        """The level of the target for the data as given."""
        centre, level = np.ldexp(self.means[0], self.exponents[0]), math.ldexp(self.means[1], self.exponents[1])
        return float(level - centre @ coefficients)


def _times(estimate: Estimate, log_factor: float) -> Estimate:
    """An estimate in another unit; where it leaves the range of a float64, its interval still says what is known."""
    factor, limits = exponential(log_factor), np.finfo(float)
    value, lower, upper = (float(part) * factor for part in (estimate.value, estimate.lower, estimate.upper))
    upper = max(upper, float(limits.smallest_subnormal)) if estimate.upper > 0 else upper
    return dataclasses.replace(estimate, value=value, lower=min(lower, float(limits.max)), upper=upper)


def _refuse_text(y: Any) -> None:
    """Refuse a target of words, also of digits as text: nothing here guesses what they mean.

    Raises:
        InputError: if an entry is text or a date.
    """
    given = np.asarray(y)
    wrong = list(given.ravel()) if given.dtype.kind in "OUSMm" else []
    if given.dtype.kind == "O":
        wrong = [value for value in wrong if isinstance(value, (str, bytes, date, timedelta, np.datetime64))]
    if wrong:
        raise InputError(
            f"y must be numbers, got {str(wrong[0])!r}: write classes as numbers, dates as a count of days"
        )


def _default_step(problem: DeepLinear) -> float:
    """1 / S_balanced; 1 / (2 lambda_max) where w_star is zero, and 1 where the data are."""
    for sharpness in (balanced_sharpness(problem).value, 2 * problem.regression.lambda_max):
        if sharpness > 0 and np.isfinite(1 / sharpness):
            return float(1 / sharpness)
    return 1.0
