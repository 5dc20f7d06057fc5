"""Hypotheses on variants that several theorems share, and what they ask for as functions of the variant."""

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import pdist

from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem


def is_causal_post(variant: Variant) -> bool:
    """Whether there is a causal mask and Post-LN."""
    return variant.causal and variant.normalization is Normalization.POST


def identity_defect(matrix: Float[np.ndarray, "d d"]) -> Estimate:
    """Largest entry of the difference from the identity."""
    return Estimate.exact(np.max(np.abs(matrix - np.eye(len(matrix)))))


def score_defect(variant: Variant) -> Estimate:
    """Largest entry of Q'K - I."""
    return identity_defect(variant.query.T @ variant.key)


def pair_deficits(variant: Variant) -> Float[np.ndarray, " pairs"]:
    """1 - <x_i, x_j> of all pairs at time 0, with their digits."""
    return pdist(variant.system.points) ** 2 / 2


def _causal_post(problem: Problem) -> bool:
    return is_causal_post(Variant.expect(problem))


def _softmax(problem: Problem) -> bool:
    return not Variant.expect(problem).hard


def _values(problem: Problem) -> Estimate:
    return identity_defect(Variant.expect(problem).value)


def _scores(problem: Problem) -> Estimate:
    return score_defect(Variant.expect(problem))


CAUSAL_POST = Hypothesis.that("a causal mask and Post-LN", _causal_post)
SOFTMAX = Hypothesis.that("softmax attention, not hardmax", _softmax)
IDENTITY_VALUES = Hypothesis("values are the tokens: V = I", AtMost(1e-12), _values)
PLAIN_SCORES = Hypothesis("plain scores: Q'K = I", AtMost(1e-12), _scores)
