"""How fast tokens of a hemisphere must approach each other, with heads and queries and keys of their own."""

import numpy as np

from fathometer.attention.model._hemisphere import hemisphere_margin
from fathometer.attention.model._system import Model
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._distances import identity_factors, score_matrices, value_matrices

_UP = 1 + 1e-12
"""Room for the rounding of a spectral norm."""


def weighted_contraction_rate(variant: Variant) -> float:
    """Rate r_0 sum_h s_h w_h at which the chart contracts, for V_h = s_h I with s_h >= 0, Post-LN and no mask.

    With scores beta <Q_h x_i, K_h x_j> of size at most beta L_h, L_h = |Q_h'K_h| + |K_h'b_h| (spectral norms), the
    weights of head h are at least m_j w_h with w_h = exp(-2 beta |Q_h'K_h|) for SA, which sees differences of the
    scores of a row and hence twice the norm of Q_h'K_h plus twice that of K_h'b_h, and w_h = exp(-beta (1 + L_h)) for
    USA. In the chart y_i = x_i/<x_i, w> the flow is dy_i/dt = sum_j b_ij (y_j - y_i) with
    b_ij >= r_0 m_j sum_h s_h w_h, so that the width in any direction falls at least at this rate (derived).
    """
    scores, factors = score_matrices(variant), identity_factors(value_matrices(variant))
    sizes = _UP * (np.linalg.norm(scores, ord=2, axis=(1, 2)) + _bias_sizes(variant))
    beta, sa = variant.system.beta, variant.system.model is Model.SA
    least = np.exp(-beta * (2 * sizes if sa else 1 + sizes))
    return float(hemisphere_margin(variant.system).lower) * float(np.sum(factors * least)) / _UP


def _bias_sizes(variant: Variant) -> np.ndarray:
    """Norm of K_h'b_h for every head."""
    if variant.query_bias is None:
        return np.zeros(variant.heads)
    key = np.reshape(variant.key, (variant.heads, *variant.key.shape[-2:]))
    return np.linalg.norm(np.einsum("hkd,hk->hd", key, np.reshape(variant.query_bias, (variant.heads, -1))), axis=1)
