"""Linear classifiers: `given_linear` and `linear_rows` certify one that was trained elsewhere."""

from fathometer.generalization.learning.linear._ledger import linear_rows as linear_rows
from fathometer.generalization.learning.linear._several import smoothed_class_errors as smoothed_class_errors
from fathometer.generalization.learning.linear._training import (
    TrainedLinear as TrainedLinear,
    given_linear as given_linear,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
