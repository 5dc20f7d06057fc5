"""Certificates of predictors that somebody brings along, from any framework."""

from fathometer.generalization.predictors._certificate import (
    PredictorCertificate as PredictorCertificate,
    certify_predictor as certify_predictor,
)
from fathometer.generalization.predictors._factory import load_factory as load_factory
from fathometer.numerics import keep_float64

keep_float64(__name__)
