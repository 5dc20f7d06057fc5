"""With Pre-LN, equiangular tokens approach each other only like 1/t^2."""

import numpy as np

from fathometer.attention.model._references import NORMALIZATION
from fathometer.attention.model._system import Model
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization
from fathometer.attention.model.variants._hypotheses import (
    ATTENTION_ALONE,
    IDENTITY_VALUES,
    ONE_HEAD,
    PLAIN_SCORES,
    SOFTMAX,
    pair_deficits,
)
from fathometer.attention.observables.variants._late_cosines import late_deficits
from fathometer.attention.theorems.variants._examples import equiangular, run_with_pre_ln
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    GrowthExponent,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def _late_deficits(trajectory: Trajectory) -> Estimate:
    return late_deficits(trajectory, Variant.expect(trajectory.problem).system.beta)


def _square_law(problem: Problem, axis: Axis | None) -> GrowthExponent:
    return GrowthExponent(-2.1, -1.9)


def _is_plain_pre(problem: Problem) -> bool:
    variant = Variant.expect(problem)
    return not variant.causal and variant.normalization is Normalization.PRE


def _is_sa(problem: Problem) -> bool:
    return Variant.expect(problem).system.model is Model.SA


def _apart(problem: Problem) -> Estimate:
    deficits = pair_deficits(Variant.expect(problem))
    return Estimate.exact(np.min(deficits) if len(deficits) else 0.0)


def _cosine_spread(problem: Problem) -> Estimate:
    deficits = pair_deficits(Variant.expect(problem))
    return Estimate.exact(np.ptp(deficits) if len(deficits) else np.nan)


def _mass_spread(problem: Problem) -> Estimate:
    masses = Variant.expect(problem).system.masses
    return Estimate.exact(len(masses) * np.ptp(masses))


def _with_post_ln() -> Variant:
    return Variant(equiangular())


THEOREM = Theorem(
    id="pre_ln_rate",
    theory="attention",
    title="Pre-LN collapses polynomially",
    statement="For equiangular tokens under SA with Pre-LN, 1 - <x_i, x_j> ~ C/t^2, against exp(-2 t) with Post-LN: the"
    " vectors grow and turn ever more slowly. Here the exponent next to one cluster, over the times from 100 on, is -2"
    " to within 0.1.",
    source=Source(
        NORMALIZATION,
        "rates of the normalization schemes",
        "Near one cluster the radius grows at rate 1, so that 1 - rho = (1 - rho_0)(r_0/(r_0 + t))^2 (derived).",
    ),
    about=Variant,
    hypotheses=(
        Hypothesis.that("Pre-LN without a mask", _is_plain_pre),
        Hypothesis.that("the model is SA", _is_sa),
        SOFTMAX,
        IDENTITY_VALUES,
        PLAIN_SCORES,
        ONE_HEAD,
        ATTENTION_ALONE,
        Hypothesis("two or more tokens, apart", AtLeast(1e-6), _apart),
        Hypothesis("one common cosine", AtMost(1e-9), _cosine_spread),
        Hypothesis("equal masses", AtMost(1e-9), _mass_spread),
    ),
    quantity=_late_deficits,
    predict=_square_law,
    example=run_with_pre_ln,
    counterexample=_with_post_ln,
    along=(AxisKind.TIME,),
    reads=("points",),
)
