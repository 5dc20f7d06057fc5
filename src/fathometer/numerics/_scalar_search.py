"""Maximum of a function of one number."""

from collections.abc import Callable

from scipy.optimize import minimize_scalar


def maximize(function: Callable[[float], float], low: float, high: float, tolerance: float) -> tuple[float, float]:
    """Brent's method on an interval where the function is unimodal.

    Args:
        function: any.
        low: lower end.
        high: upper end.
        tolerance: on the place of the maximum, absolute.

    Returns:
        The place of the maximum and its value.
    """
    options = {"xatol": tolerance, "maxiter": 500}
    minimum = minimize_scalar(lambda x: -function(x), bounds=(low, high), method="bounded", options=options)
    return float(minimum.x), -float(minimum.fun)  # type: ignore[attr-defined]
