"""One gate for numbers from outside: every public function of the three theories refuses what is none."""

import numpy as np
import pytest
import scipy.sparse

from fathometer import attention, deep_linear as dl, generalization as gen
from fathometer.attention.dynamics import variants
from fathometer.evidence import InputError
from fathometer.generalization.certificates import learners
from fathometer.generalization.learning import networks, predictors
from fathometer.numerics import kl, kl_inverse_upper

RNG = np.random.default_rng(0)
ROWS = RNG.standard_normal((80, 3))
TARGET = ROWS @ [1.0, -1.0, 0.5] + 0.1 * RNG.standard_normal(80)
LABELS = (TARGET > 0).astype(int)
UNIT = ROWS[:6] / np.linalg.norm(ROWS[:6], axis=1, keepdims=True)
SYSTEM = attention.ParticleSystem.project(UNIT, 1.0, "sa")
PROBLEM = dl.DeepLinear(dl.Regression.from_data(ROWS, TARGET), 2)
W = (np.eye(3), np.ones((1, 3)))
HALF = np.full(6, 1 / 6)


def _with(first: object) -> tuple:
    return (first, *W[1:])


ENTRIES = {
    "rows": (UNIT, lambda x: attention.ParticleSystem.project(x, 1.0, "usa")),
    "masses of rows": (HALF, lambda x: attention.ParticleSystem.project(UNIT, 1.0, "sa", x)),
    "hidden states": (UNIT[None], lambda x: attention.record(x, 1.0)),
    "times": (np.array([0, 1.0]), lambda x: attention.simulate(SYSTEM, x)),
    "matrix of a variant": (np.eye(3), lambda x: variants.hardmax_motion(UNIT, x, [0, 1.0])),
    "X": (ROWS, lambda x: dl.Regression.from_data(x, TARGET)),
    "y": (TARGET, lambda x: dl.Regression.from_data(ROWS, x)),
    "Y": (ROWS[:, :2], lambda x: dl.MultiOutputRegression.from_data(ROWS, x)),
    "weights of a product": (W[0], lambda x: dl.product(_with(x))),
    "weights of a structure": (W[0], lambda x: dl.layer_structure(_with(x))),
    "weights of an imbalance": (W[0], lambda x: dl.imbalances(_with(x))),
    "steps": (np.array([0.01]), lambda x: dl.descend_batch(PROBLEM, tuple(w[None] for w in W), x, dl.Training(2))),
    "X of a regressor": (ROWS, lambda x: dl.DeepLinearRegressor(tol=1e6).fit(x, TARGET)),
    "y of a regressor": (TARGET, lambda x: dl.DeepLinearRegressor(tol=1e6).fit(ROWS, x)),
    "X of a linear classifier": (ROWS, lambda x: learners.CertifiedLinearClassifier().fit(x, LABELS)),
    "X of a network": (ROWS, lambda x: learners.CertifiedMLPClassifier(steps=1).fit(x, LABELS)),
    "features": (ROWS, lambda x: gen.linear_certificate(x, LABELS)),
    "features of a network": (ROWS, lambda x: networks.certify_network(x, LABELS)),
    "features of a predictor": (ROWS, lambda x: predictors.certify_predictor(x, LABELS, lambda: len)),
    "points of a distance": (UNIT, lambda x: gen.empirical_w1(x, UNIT)),
    "weights of a distance": (HALF, lambda x: gen.empirical_w1(UNIT, UNIT, x)),
    "mean": (np.zeros(3), lambda x: gen.Gaussian(x, np.ones(3))),
    "covariance": (np.ones(3), lambda x: gen.Gaussian(np.zeros(3), x)),
    "posterior": (HALF, lambda x: gen.discrete_kl(x, HALF)),
    "probabilities": (HALF, lambda x: kl(x, 0.5)),
    "budgets": (HALF, lambda x: kl_inverse_upper(0.1, x)),
}
"""By name: numbers that are right, and what takes them."""

MAY_BE_NAN = ("weights of a product", "weights of an imbalance")
KINDS = {
    "complex": lambda x: x + 0j,
    "dates": lambda x: np.asarray(x).astype("M8[s]"),
    "durations": lambda x: np.asarray(x).astype("m8[s]"),
    "digits in text": lambda x: np.asarray(x).astype(str),
    "missing": lambda x: np.ma.array(x, mask=np.arange(x.size).reshape(x.shape) == 1 % x.size),
    "too many digits": lambda x: np.full(x.shape, 2**53 + 1),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_what_is_no_number_is_refused_at_every_entry(entry, kind):
    if kind == "missing" and entry in MAY_BE_NAN:
        pytest.skip("the weights of a run that diverged are NaN, and so is what is made of them")
    good, take = ENTRIES[entry]
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (scikit-learn's own refusals count too)
        take(KINDS[kind](good))
    assert isinstance(refusal.value, InputError) or "Complex data not supported" in str(refusal.value)


@pytest.mark.parametrize("estimator", [dl.DeepLinearRegressor(tol=1e6), learners.CertifiedLinearClassifier()])
def test_a_fitted_estimator_predicts_from_numbers_alone(estimator):
    estimator.fit(ROWS, LABELS if hasattr(estimator, "delta") else TARGET)
    for x in (ROWS.astype(str), ROWS.astype("M8[s]")):
        with pytest.raises(InputError, match="must be an array of numbers, got"):
            estimator.predict(x)
    with pytest.raises(TypeError, match=r"Sparse|sparse"):
        estimator.predict(scipy.sparse.csr_matrix(ROWS))
