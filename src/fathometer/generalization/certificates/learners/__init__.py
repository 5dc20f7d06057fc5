"""Learners that certify what they have learnt, with the conventions of scikit-learn."""

from fathometer.generalization.certificates.learners._linear_classifier import (
    CertifiedLinearClassifier as CertifiedLinearClassifier,
)
from fathometer.generalization.certificates.learners._mlp_classifier import (
    CertifiedMLPClassifier as CertifiedMLPClassifier,
)
from fathometer.generalization.certificates.learners._pick_to_learn import (
    PickToLearnClassifier as PickToLearnClassifier,
    PickToLearnRegressor as PickToLearnRegressor,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
