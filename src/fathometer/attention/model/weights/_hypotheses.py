"""What theorems on plain tokens, and on symmetric weights, ask of tokens with weights, each with a distance."""

import numpy as np

from fathometer.attention.model._system import Model
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.attention.model.variants._hypotheses import ATTENTION_ALONE, EQUAL, SCALED_VALUES, SOFTMAX
from fathometer.attention.model.weights._distances import (
    asymmetry,
    distance_from_scores,
    score_distance,
    score_factor,
    score_matrices,
    value_matrices,
)
from fathometer.evidence import AtLeast, AtMost, Estimate, Hypothesis, Problem


def _scores_apart(problem: Problem) -> Estimate:
    variant = Variant.expect(problem)
    return Estimate.exact(score_distance(variant, score_factor(variant)))


def _asymmetry(problem: Problem) -> Estimate:
    variant = Variant.expect(problem)
    return Estimate.exact(asymmetry(score_matrices(variant)))


def _from_scores(problem: Problem) -> Estimate:
    return Estimate.exact(distance_from_scores(Variant.expect(problem)))


def _value_size(problem: Problem) -> Estimate:
    return Estimate.exact(np.linalg.norm(value_matrices(Variant.expect(problem))))


def _unmasked(problem: Problem) -> bool:
    return not Variant.expect(problem).causal


def _post(problem: Problem) -> bool:
    return Variant.expect(problem).normalization is Normalization.POST


def _one_head_or_usa(problem: Problem) -> bool:
    variant = Variant.expect(problem)
    return variant.heads == 1 or variant.system.model is Model.USA


def _is_sa(problem: Problem) -> bool:
    return Variant.expect(problem).system.model is Model.SA


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(Variant.expect(problem).system.beta)


NO_MASK = Hypothesis.that("no causal mask", _unmasked)
POST_LN = Hypothesis.that("Post-LN", _post)
SCALED_SCORES = Hypothesis("plain scores up to beta: Q_h'K_h = c I, c >= 0, one c", AtMost(EQUAL), _scores_apart)
VALUES_THERE = Hypothesis("values do not vanish", AtLeast(1e-300, domain=(0, None)), _value_size)
SYMMETRIC_SCORES = Hypothesis("symmetric scores: Q_h'K_h is its transpose", AtMost(EQUAL), _asymmetry)
VALUES_ARE_SCORES = Hypothesis("values are multiples of the scores: V_h = s_h Q_h'K_h", AtMost(EQUAL), _from_scores)
ONE_HEAD_OR_USA = Hypothesis.that("one head under SA, any number under USA", _one_head_or_usa)
SA_WEIGHTS = Hypothesis.that("the model is SA", _is_sa)
SOME_BETA = Hypothesis("beta above 0", AtLeast(1e-9, domain=(0, None)), _beta)
PLAIN_MODEL = (SCALED_SCORES, SCALED_VALUES, VALUES_THERE, ATTENTION_ALONE, NO_MASK, SOFTMAX, POST_LN)
"""All that makes tokens with weights plain tokens, at another beta and in another time unit."""
