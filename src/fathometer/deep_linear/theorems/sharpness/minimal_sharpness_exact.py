"""No minimizer is flatter than the exact minimum."""

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import ROUNDING
from fathometer.deep_linear.theorems._quantities import sharpness
from fathometer.evidence import AtLeast, Axis, AxisKind, Prediction, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At least the lower end of S_min, less 1e-12 of it for rounding."""
    return AtLeast(minimal_sharpness(DeepLinear.expect(problem)).lower * (1 - ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="minimal_sharpness_exact",
    theory="deep_linear",
    title="The flattest minimizer",
    statement=(
        "The sharpness of every global minimizer is at least S_min = 2 min over t > 0 of "
        "lambda_max(t sigma + (L-1) (|p|^2 / t)^{1/(L-1)} q q^T) with q = sigma^{1/2} w*, and a rank-one aligned "
        "network attains it."
    ),
    source=Source(
        MARION_CHIZAT,
        "Theorem 1, sharpened",
        "derived: |A_k^T A_k| is bounded below along w and the product of |b_k|^2 / |b_{k-1}|^2 telescopes; "
        "holds for singular sigma too",
    ),
    about=DeepLinear,
    hypotheses=(),
    quantity=sharpness,
    predict=predict,
    example=_examples.minimizers,
    along=(AxisKind.DRAW,),
    reads=("W1",),
)
