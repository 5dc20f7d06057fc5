"""The direction that values favour."""

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._distances import value_matrices


def leading_direction(variant: Variant) -> tuple[NDArray[np.float64], float]:
    """Unit eigenvector of V = sum_h V_h whose eigenvalue has the largest real part, and by how much it leads.

    The lead is the real part less that of the next eigenvalue, negative where the leading eigenvalue is not real.
    """
    values, vectors = np.linalg.eig(np.sum(value_matrices(variant), axis=0))
    real, turning = np.real(values), np.imag(values)
    top, second = np.argsort(-real)[:2]
    vector = np.real(vectors[:, top])
    norm, lead = np.linalg.norm(vector), real[top] - real[second]
    return vector / norm if norm > 0 else vector, float(-abs(turning[top]) if turning[top] else lead)
