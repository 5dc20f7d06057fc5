"""Back from logarithms."""

import math


def exponential(logarithm: float) -> float:
    """exp, with inf where a float64 overflows."""
    return math.exp(logarithm) if logarithm < 709.7 else math.inf
