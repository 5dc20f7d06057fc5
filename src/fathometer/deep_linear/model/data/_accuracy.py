"""How well a regression is known: the rounding of its data and of its solution, carried to what is computed from it."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dgejsv  # type: ignore[attr-defined]

from fathometer.deep_linear.model._problem import Regression
from fathometer.deep_linear.model.data._factor import jacobi, powers_of_two
from fathometer.evidence import Estimate

_EPS = float(np.finfo(float).eps)
_LARGEST, _TINY = float(np.finfo(float).max), 5e-324
_VALUES_ALONE = {"joba": 2, "jobu": 3, "jobv": 3, "jobr": 0, "jobp": 0}


@dataclass(frozen=True)
class Accuracy:
    """Bounds on errors, for columns of X that are each known to a relative rounding error.

    Derived from the first-order perturbation of least squares under |dX_j| <= r |X_j| and |dy| <= r |y|, which no
    scaling of columns changes, divided by 1 - r kappa for the higher orders. With kappa = sum_j |F_j| |F^+_j|:

        |d(X w)| <= r (sum_j |X_j| |w_j| + |y| + kappa |y - X w|)   and   |dw_i| <= |X^+_i| times the same.

    Where only sigma is given it is known to r times the roots of its diagonal, and w_star is exact.

    Attributes:
        data: the regression.
    """

    data: Regression

    @property
    def _rounding(self) -> float:
        return self.data.read_factor.rounding

    @property
    def _evaluation(self) -> float:
        """Relative rounding of what is evaluated with the factor, whatever its condition."""
        return 24 * _EPS * math.sqrt(self.data.dimension)

    @cached_property
    def _equilibrated(self) -> tuple[NDArray, NDArray, NDArray]:
        """The factor with columns of one size, what they were multiplied by, and its right singular vectors."""
        shrink = powers_of_two(self.data.half)
        return self.data.half * shrink, shrink, np.linalg.svd(self.data.half * shrink)[2]

    @cached_property
    def kappa(self) -> float:
        """Condition that no scaling of columns changes, sum_j |F_j| |F^+_j|; at least 1 unless X is zero."""
        matrix, _, right = self._equilibrated
        rank = self.data.read_factor.rank
        kept = np.linalg.norm(matrix @ right.T, axis=0)[:rank]
        inverse = np.linalg.norm(right[:rank].T / kept, axis=1)
        return float(np.linalg.norm(matrix, axis=0) @ inverse)

    @property
    def _stretched(self) -> float:
        """What errors of higher order add, 1 / (1 - r kappa); inf where nothing is known."""
        room = 1 - self._rounding * self.kappa
        return 1 / room if room > 0 else math.inf

    @cached_property
    def signal(self) -> float:
        """Absolute error of |q|."""
        data, load = self.data, float(self.data.read_factor.sizes @ np.abs(self.data.w_star))
        if data.factor is None:
            return self._rounding * load * (load / data.q_norm) / 2 if load else 0.0
        left = math.sqrt(data.risk_min)
        moved = self._rounding * (load + math.hypot(data.q_norm, left) + self.kappa * left) * self._stretched
        moved += self._evaluation * data.q_norm
        return moved if data.factor.rank_known or not moved else moved + left

    @cached_property
    def top(self) -> float:
        """Relative error of lambda_max."""
        data = self.data
        if data.lambda_max == 0:
            return 0.0
        if data.factor is None:
            return self._rounding * float(np.trace(data.sigma) / data.lambda_max)
        spread = math.hypot(*data.factor.sizes) / math.sqrt(data.lambda_max)
        return 2 * self._rounding * spread + self._evaluation

    @cached_property
    def bottom(self) -> float:
        """Relative error of lambda_min, where that is positive."""
        if self.data.factor is None:
            return self._rounding * self.kappa**2
        return 2 * self._rounding * self.kappa * self._stretched + self._evaluation

    @cached_property
    def hidden(self) -> float:
        """Upper bound on lambda_min where the factor has lost a row to rounding: a quotient of a direction lost."""
        data = self.data
        _, shrink, right = self._equilibrated
        sizes = data.read_factor.sizes
        lost = shrink * right[-1]
        noise = (data.dimension + 1) * self._rounding * math.sqrt(data.dimension) * float(sizes @ np.abs(lost))
        if data.factor is None:
            noise = math.sqrt((data.dimension + 1) * self._rounding) * float(sizes @ np.abs(lost))
        return (noise / math.hypot(*lost)) ** 2

    @cached_property
    def norm(self) -> float:
        """Absolute error of |w_star|."""
        data = self.data
        if data.factor is None:
            return 2 * _EPS * data.norm
        if not data.factor.rank_known:
            return math.inf
        moved = self.signal
        if data.factor.rank < data.dimension:
            moved += self._rounding * float(data.factor.sizes @ np.abs(data.w_star))
        _, values, right = jacobi(data.half)
        rank = data.factor.rank
        inverse = np.hypot.reduce(right[:rank].T / values[:rank], axis=1)  # norms of the rows of F^+
        if not data.norm:
            return moved * math.hypot(*inverse)
        shares = moved * float(np.abs(data.direction) @ inverse) / data.norm, moved * math.hypot(*inverse) / data.norm
        return data.norm * (shares[0] + shares[1] * shares[1] / 2 + self._evaluation + self._turned(values, right))

    def _turned(self, values: NDArray[np.float64], right: NDArray[np.float64]) -> float:
        """Relative change of the least norm by what turns the rows of F out of their span: of second order.

        Derived from |w_star| = max over u of q^T u / |F^T u|, where the turn adds |N^T dF^T u|^2 to the denominator.
        """
        data = self.data
        rank, used = data.read_factor.rank, np.any(data.half, axis=0)
        if not data.norm or rank == np.sum(used):
            return 0.0
        _, shrink, equilibrated = self._equilibrated
        null = equilibrated[rank:] @ np.diag(used)
        null = np.linalg.svd(null)[2][: int(np.sum(used)) - rank]
        smallest = _smallest(shrink[used, None] * null.T[used])
        force = math.hypot(*((right[:rank] @ data.direction) / values[:rank]))
        turn = self._rounding * math.hypot(*(data.half * shrink).ravel()) * (force / smallest)
        return math.log(math.hypot(1, turn))


def _smallest(matrix: NDArray[np.float64]) -> float:
    """Smallest singular value of a tall matrix with rows of any sizes."""
    values, _, _, work, _, _ = dgejsv(matrix, **_VALUES_ALONE)
    return float(values[-1] * (work[0] / work[1]))


def condition_number(data: Regression) -> float:
    """lambda_max / lambda_min over the directions that have data; 1 where X is zero, inf where no float64 holds it."""
    _, values, _ = jacobi(data.half)
    rank = data.read_factor.rank
    ratio = float(values[0]) / float(values[rank - 1]) if rank else 1.0
    return ratio * ratio


def log_error(absolute: float, value: float) -> float:
    """Largest |log(x / value)| for |x - value| <= absolute; inf where that allows x <= 0."""
    share = absolute / value if value else math.inf
    return -math.log1p(-share) if share < 1 else math.inf


def within(value: float, log_width: float) -> Estimate:
    """Between value / e^width and value e^width, rounded outward; NaN stands for itself, 0 for an underflow."""
    if math.isnan(value):
        return Estimate.exact(value)
    wide = log_width + 4 * _EPS
    lower = min(value, _LARGEST) * math.exp(-wide)
    upper = value * math.exp(wide) if wide < 700 else math.inf
    return Estimate.enclosed(value, max(0.0, lower - _TINY), upper + _TINY)
