"""Small problems that show what the theorems on random tokens say."""

import numpy as np

from fathometer.attention.model._random_problems import GaussianMixture


def mixture(sigma: float = 5e-4, beta: float = 60.0) -> GaussianMixture:
    """Six tokens of a mixture around two orthogonal centres of R^3, in caps of depth 0.01."""
    return GaussianMixture(np.eye(3)[:2], sigma, 6, beta, 0.01)
