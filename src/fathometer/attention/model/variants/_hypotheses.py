"""Hypotheses on variants that several theorems share, and what they ask for as functions of the variant."""

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import pdist

from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.attention.model.weights._distances import (
    distance_from_multiples,
    extra_share,
    score_distance,
    value_matrices,
)
from fathometer.evidence import AtMost, Estimate, Hypothesis, Problem, Within

EQUAL = 1e-12
"""Relative distance of matrices that is rounding."""


def is_causal_post(variant: Variant) -> bool:
    """Whether there is a causal mask and Post-LN."""
    return variant.causal and variant.normalization is Normalization.POST


def identity_defect(matrix: Float[np.ndarray, "d d"]) -> Estimate:
    """Distance from the identity in the Frobenius norm, relative to the norm of the identity."""
    return Estimate.exact(np.linalg.norm(matrix - np.eye(len(matrix))) / np.sqrt(len(matrix)))


def value_defect(variant: Variant) -> Estimate:
    """Relative distance of V, summed over heads, from the identity."""
    return identity_defect(np.sum(value_matrices(variant), axis=0))


def score_defect(variant: Variant) -> Estimate:
    """Relative distance of Q'K, bias of the queries included, from the identity."""
    return Estimate.exact(score_distance(variant, 1.0))


def values_apart(variant: Variant) -> Estimate:
    """Relative distance of the V_h from multiples s_h I with s_h >= 0."""
    return Estimate.exact(distance_from_multiples(value_matrices(variant)))


def pair_deficits(variant: Variant) -> Float[np.ndarray, " pairs"]:
    """1 - <x_i, x_j> of all pairs at time 0, with their digits."""
    return pdist(variant.system.points) ** 2 / 2


def _causal_post(problem: Problem) -> bool:
    return is_causal_post(Variant.expect(problem))


def _softmax(problem: Problem) -> bool:
    return not Variant.expect(problem).hard


def _values(problem: Problem) -> Estimate:
    return value_defect(Variant.expect(problem))


def _scores(problem: Problem) -> Estimate:
    return score_defect(Variant.expect(problem))


def _multiples(problem: Problem) -> Estimate:
    return values_apart(Variant.expect(problem))


def _heads(problem: Problem) -> Estimate:
    return Estimate.exact(Variant.expect(problem).heads)


def _extra(problem: Problem) -> Estimate:
    return Estimate.exact(extra_share(Variant.expect(problem)))


def _query_bias(problem: Problem) -> Estimate:
    variant = Variant.expect(problem)
    return Estimate.exact(0.0 if variant.query_bias is None else np.linalg.norm(variant.query_bias))


CAUSAL_POST = Hypothesis.that("a causal mask and Post-LN", _causal_post)
SOFTMAX = Hypothesis.that("softmax attention, not hardmax", _softmax)
IDENTITY_VALUES = Hypothesis("values are the tokens: V = I", AtMost(EQUAL), _values)
PLAIN_SCORES = Hypothesis("plain scores: Q'K = I", AtMost(EQUAL), _scores)
SCALED_VALUES = Hypothesis("values are multiples of the tokens: V_h = s_h I, s_h >= 0", AtMost(EQUAL), _multiples)
ONE_HEAD = Hypothesis("one head", Within(1, 1, domain=(1, None)), _heads)
ATTENTION_ALONE = Hypothesis(
    "no MLP and no bias of the values (their motion over that of the attention)", AtMost(EQUAL), _extra
)
NO_QUERY_BIAS = Hypothesis("no bias of the queries", AtMost(EQUAL), _query_bias)
