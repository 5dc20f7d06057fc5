"""Predictors of any kind, deployed and certified: models of ours, and those that somebody brings along."""

from fathometer.generalization.learning.predictors._certificate import (
    Certified as Certified,
    PredictorCertificate as PredictorCertificate,
    certify_predictor as certify_predictor,
    certify_rows as certify_rows,
)
from fathometer.generalization.learning.predictors._curve import (
    CurvePoint as CurvePoint,
    curve_points as curve_points,
)
from fathometer.generalization.learning.predictors._fit import Source as Source
from fathometer.generalization.learning.predictors._picking import Picked as Picked, pick_to_learn as pick_to_learn
from fathometer.generalization.learning.predictors._plan import Loss as Loss, Plan as Plan
from fathometer.generalization.learning.predictors._reading import Rows as Rows, read_rows as read_rows
from fathometer.generalization.learning.predictors.heads._linear_rows import LINEAR_BOUNDS as LINEAR_BOUNDS
from fathometer.generalization.learning.predictors.models._factory import load_factory as load_factory
from fathometer.generalization.learning.predictors.models._files import (
    PredictorFile as PredictorFile,
    is_predictor_file as is_predictor_file,
    read_predictor as read_predictor,
    read_seen as read_seen,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
