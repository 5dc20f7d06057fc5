"""Certificates of predictors that somebody brings along, from any framework."""

from fathometer.generalization.learning.predictors._certificate import (
    PredictorCertificate as PredictorCertificate,
    certify_predictor as certify_predictor,
)
from fathometer.generalization.learning.predictors._factory import load_factory as load_factory
from fathometer.numerics import keep_float64

keep_float64(__name__)
