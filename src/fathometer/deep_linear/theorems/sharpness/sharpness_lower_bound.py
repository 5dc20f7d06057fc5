"""Every minimizer of a deep linear network is sharp, in proportion to its depth."""

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import paper_lower_bound
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE, NONZERO_TARGET, ROUNDING
from fathometer.deep_linear.theorems._quantities import sharpness
from fathometer.evidence import AtLeast, Axis, AxisKind, Prediction, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At least 2 L m^{2-2/L} |p|^{2/L} a, less 1e-12 of it for rounding."""
    return AtLeast(paper_lower_bound(DeepLinear.expect(problem)).lower * (1 - ROUNDING), domain=(0.0, None))


THEOREM = Theorem(
    id="sharpness_lower_bound",
    theory="deep_linear",
    title="Sharpness grows with depth",
    statement=(
        "The sharpness of every global minimizer is at least 2 L m^{2-2/L} |p|^{2/L} a, with m = |w*| and a the "
        "curvature of the data along w* (|p| = 1 for a plain network)."
    ),
    source=Source(
        MARION_CHIZAT,
        "Theorem 1, lower bound",
        "the factor of the readout p is derived here; so is the fact that sigma may be singular",
    ),
    about=DeepLinear,
    hypotheses=(DEFINITE, NONZERO_TARGET),
    quantity=sharpness,
    predict=predict,
    example=_examples.minimizers,
    counterexample=_examples.singular_data,
    along=(AxisKind.DRAW,),
    reads=("W1",),
    uses=("minimal_sharpness_exact",),
)
