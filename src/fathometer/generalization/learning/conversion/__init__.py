"""From PAC-Bayes to the deployed predictor: every route beside its two parents, on one model and the same rows."""

from fathometer.generalization.learning.conversion._inner_layer import InnerUpdate as InnerUpdate
from fathometer.generalization.learning.conversion._line import (
    CONVERTED as CONVERTED,
    SCEPTIC as SCEPTIC,
    UNIFORM as UNIFORM,
    ConversionLine as ConversionLine,
)
from fathometer.generalization.learning.conversion._regimes import (
    REGIMES as REGIMES,
    conversion_lines as conversion_lines,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
