import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    Samples,
    balanced_sharpness,
    critical_step,
    gaussian_samples,
    minimal_sharpness,
    paper_lower_bound,
    paper_readout,
    paper_samples,
    sharper_lower_bound,
)
from fathometer.evidence import InputError


def digits(found, expected):
    """Every printed digit: within one unit of the last one."""
    for value, text in zip(np.atleast_1d(found), expected.split(), strict=True):
        decimals = len(text.partition(".")[2])
        assert abs(value - float(text)) <= 10.0**-decimals, (value, text)


def test_the_overdetermined_data_of_the_paper():
    samples = paper_samples("overdetermined")
    data = samples.regression
    assert samples.X.shape == samples.X_test.shape == (50, 5)
    digits(samples.X[0, :3], "-0.95431787 1.45999026 -0.0287581")
    digits(data.w_star, "-0.58674642 0.60905898 0.06295351 0.2985478 0.43781487")
    digits(data.eigenvalues, "0.59748752 0.794948 1.02634372 1.38041882 1.59418238")
    assert_allclose([data.norm, data.rayleigh], [1, 0.932805305357], rtol=1e-9)
    assert_allclose(data.risk_min, 0.368222585182, rtol=1e-9)
    assert_allclose(data.risk_min + data.explained, 1.301027890539, rtol=1e-9)


def test_sharpness_and_steps_on_the_overdetermined_data():
    data = paper_samples("overdetermined").regression
    ten = DeepLinear(data, 10)
    digits(paper_lower_bound(ten).value, "18.6561061")
    digits(sharper_lower_bound(ten).value, "18.6948562")
    digits(minimal_sharpness(ten).value, "18.6995534")
    digits(balanced_sharpness(ten).value, "18.7001338")
    digits(8 * 10 * data.lambda_max, "127.5345906")
    problems = [DeepLinear(data, depth) for depth in (5, 10, 20, 40)]
    digits([critical_step(paper_lower_bound(p)).value for p in problems], "0.214407 0.107204 0.0536018 0.0268009")
    digits([critical_step(minimal_sharpness(p)).value for p in problems], "0.213273 0.106954 0.0535430 0.0267866")


def test_the_underdetermined_and_the_nonlinear_data():
    data = paper_samples("underdetermined").regression
    problem = DeepLinear(data, 5)
    digits(data.rayleigh, "1.716678")
    digits(data.lambda_max, "3.375184")
    assert data.risk_min < 1e-25
    digits(paper_lower_bound(problem).value, "17.1667811")
    digits(minimal_sharpness(problem).value, "18.6315322")
    digits(balanced_sharpness(problem).value, "18.9823345")
    curved = paper_samples("nonlinear").regression
    digits(curved.rayleigh, "0.96740904055")
    digits(paper_lower_bound(DeepLinear(curved, 10)).value, "19.3481808")


def test_the_readouts_of_the_residual_networks():
    data = paper_samples("overdetermined").regression
    readout = paper_readout()
    assert_allclose(np.linalg.norm(readout), 1, rtol=1e-12)
    digits(readout @ data.w_star, "-0.12487")
    error = readout - data.w_star
    digits(error @ data.sigma @ error, "1.97634")
    digits([paper_readout(depth) @ data.w_star for depth in (5, 10, 20, 40)], "0.2448 0.0517 -0.6234 0.0403")


def test_other_data_from_the_same_generator():
    one, other = gaussian_samples(40, 3, 0.5, 7), gaussian_samples(40, 3, 0.5, 8)
    assert_allclose(one.regression.norm, 1, rtol=1e-12)
    assert not np.allclose(one.X, other.X)
    assert gaussian_samples(40, 3, 0.0, 7).regression.risk_min < 1e-25
    assert_allclose(one.test_risk(np.zeros(3)), np.mean(one.y_test**2))
    assert one.test_risk(np.zeros((4, 2, 3))).shape == (4, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: paper_samples("all"), "case must be one of overdetermined, underdetermined, nonlinear, got 'all'"),
        (lambda: paper_readout(7), "depth must be 5, 10, 20, 40 or None, got 7"),
        (lambda: gaussian_samples(0, 3, 1.0, 0), "samples must be >= 1"),
        (lambda: gaussian_samples(3, 3, -1.0, 0), "noise must be >= 0"),
        (lambda: Samples(np.eye(2), np.ones(3), np.eye(2), np.ones(2)), "as many rows"),
        (lambda: Samples(np.eye(2), np.ones(2), np.eye(3), np.ones(3)), "as many columns, got 2, 3"),
    ],
)
def test_bad_values_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
