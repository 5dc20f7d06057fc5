"""Deep linear regression as a scikit-learn estimator."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from fathometer.deep_linear._bounds import balanced_sharpness
from fathometer.deep_linear._curvature import reduced_sharpness, sharpness_at_minimizer
from fathometer.deep_linear._depth_law import critical_step
from fathometer.deep_linear._descent import descend_batch
from fathometer.deep_linear._initial import Initial
from fathometer.deep_linear._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear._network import Weights, product
from fathometer.deep_linear._outcome import at_minimizer
from fathometer.deep_linear._problem import DeepLinear, Regression
from fathometer.evidence import InputError, finite_array, finite_number, whole_number

_ROUND = 500  # steps between two looks at the risk


class DeepLinearRegressor(RegressorMixin, BaseEstimator):
    """Least squares learnt by gradient descent on a product of matrices.

    Args:
        depth: number of layers, at least 1.
        width: of all hidden layers; as many as there are features if None.
        init: initial weights, KIND:SCALE with KIND gaussian, balanced, spectral or cosine.
        step: step size, above 0; if None, 1 / S_balanced, half of the largest that is stable at the balanced minimizer.
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
        features, target = map(np.asarray, validate_data(self, X, y, y_numeric=True, dtype=np.float64))
        finite_array("X", X, ndim=2)  # scikit-learn takes dates and digits in text for numbers
        finite_array("y", y)
        means = features.mean(axis=0), target.mean()
        centre, level = means if self.fit_intercept else (np.zeros_like(means[0]), 0.0)
        problem = DeepLinear(Regression.from_data(features - centre, target - level), self.depth)
        width = problem.regression.dimension if self.width is None else self.width
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        start = tuple(matrix[0] for matrix in Initial.parse(self.init).draw(problem, width, 1, seed))
        self.step_ = _default_step(problem) if self.step is None else finite_number("step", self.step, above=0)
        self.weights_ = self._descend(problem, start)
        there = at_minimizer(problem, self.weights_)
        self.sharpness_ = (sharpness_at_minimizer if there else reduced_sharpness)(problem, self.weights_)
        self.largest_stable_step_ = critical_step(minimal_sharpness(problem))
        self.coef_ = product(self.weights_)
        self.intercept_ = float(level - centre @ self.coef_)
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

    def _descend(self, problem: DeepLinear, weights: Weights) -> Weights:
        """Descend until the risk is close enough to its minimum.

        Raises:
            InputError: if it diverges.
        """
        limit = whole_number("max_iter", self.max_iter, at_least=1)
        close = finite_number("tol", self.tol, at_least=0) * problem.regression.explained
        self.n_iter_ = 0
        while self.n_iter_ < limit:
            steps = min(_ROUND, limit - self.n_iter_)
            run = descend_batch(problem, weights, [self.step_], steps, every=steps)
            if np.isfinite(run.diverged_at[0]):
                at = self.n_iter_ + int(run.diverged_at[0])
                raise InputError(
                    f"descent diverged at step {at}: step {self.step_:.3g} or the scale of init is too large"
                )
            weights, self.n_iter_ = tuple(matrix[0] for matrix in run.weights), self.n_iter_ + steps
            if run.excess_risk[-1, 0] <= close:
                return weights
        warnings.warn(f"descent did not converge in {limit} steps", ConvergenceWarning, stacklevel=3)
        return weights


def _default_step(problem: DeepLinear) -> float:
    """1 / S_balanced; 1 / (2 lambda_max) where w_star is zero, and 1 where the data are."""
    for sharpness in (balanced_sharpness(problem).value, 2 * problem.regression.lambda_max):
        if sharpness > 0 and np.isfinite(1 / sharpness):
            return float(1 / sharpness)
    return 1.0
