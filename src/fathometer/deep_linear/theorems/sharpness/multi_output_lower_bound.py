"""Several outputs: every minimizer is sharp, in proportion to the depth."""

from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import multi_output_bound
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import ROUNDING
from fathometer.deep_linear.theorems._multi_output import minimizer_sharpness
from fathometer.evidence import AtLeast, Axis, AxisKind, Prediction, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At least the value at the best z, less 1e-12 of it for rounding."""
    return AtLeast(multi_output_bound(MultiOutput.expect(problem)).lower * (1 - ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="multi_output_lower_bound",
    theory="deep_linear",
    title="Several outputs: sharpness grows with depth",
    statement=(
        "The sharpness of every global minimizer is at least 2 L |z|^{2/L} |M* z|^{2-2/L} / (z^T sigma^{-1} z) for "
        "every z; the best z gives 2 min_t lambda_max(t sigma + (L-1) t^{-1/(L-1)} q^T q) with q = M* sigma^{1/2}."
    ),
    source=Source(
        MARION_CHIZAT,
        "Theorem 1, generalised to several outputs",
        "derived, as for one output, along any direction z; the exact maximum over z is derived by duality",
    ),
    about=MultiOutput,
    hypotheses=(),
    quantity=minimizer_sharpness,
    predict=predict,
    example=_examples.multi_output_minimizers,
    along=(AxisKind.DRAW,),
    reads=("W1",),
)
