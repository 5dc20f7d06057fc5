"""From PAC-Bayes to the deployed predictor: every route beside its two parents, on one model and the same rows."""

from fathometer.generalization.learning.conversion._inner_layer import InnerUpdate as InnerUpdate
from fathometer.generalization.learning.conversion._inner_lines import inner_lines as inner_lines
from fathometer.generalization.learning.conversion._line import ConversionLine as ConversionLine
from fathometer.generalization.learning.conversion._linear_lines import (
    conversion_parts as conversion_parts,
    head_lines as head_lines,
    linear_lines as linear_lines,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
