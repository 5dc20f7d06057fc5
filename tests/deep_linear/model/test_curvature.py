import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    excess_risk,
    gradient,
    hessian_vector_product,
    nearest_minimizer,
    product,
    reduced_sharpness,
    reduced_spectrum,
    sharpness_at_minimizer,
    tangent_kernel,
    top_direction,
)
from fathometer.evidence import InputError
from tests.oracles.deep_linear import (
    PLAIN,
    READOUT,
    SIGMA,
    UNEVEN,
    W_STAR,
    autodiff_gradient,
    cosines,
    dense_hessian,
    flatten,
    network,
    risk,
)

RESIDUAL = tuple(np.eye(3) + 0.1 * matrix for matrix in cosines(((3, 3),) * 3))
CASES = [
    (network(4), cosines(PLAIN)),
    (network(4), cosines(UNEVEN)),
    (network(3, READOUT), RESIDUAL),
    (network(1), cosines(((1, 3),))),
    (network(1, READOUT), cosines(((3, 3),))),
    (network(2), cosines(((4, 3), (1, 4)))),
    (network(3, READOUT), cosines(((2, 3), (4, 2), (3, 4)))),
]


def test_numbers_at_a_point_that_is_not_stationary():
    problem, weights = CASES[0]
    assert_allclose(product(weights), [2.186904410744197, -1.039034856836456, -1.322122273274789], rtol=1e-14)
    assert_allclose(excess_risk(problem, weights), 9.923415375032326, rtol=1e-14)
    assert_allclose(np.sum(flatten(gradient(problem, weights)) ** 2), 1515.0026230134754, rtol=1e-13)
    spectrum = reduced_spectrum(problem, weights)
    assert spectrum.size == 18
    assert_allclose(spectrum[[0, -1]], [-33.2275876244159, 151.202104504679], rtol=1e-13)
    assert_allclose(spectrum.sum(), 147.264075772008, rtol=1e-13)
    dense = np.linalg.eigvalsh(dense_hessian(problem, weights))
    assert np.sum(np.abs(dense) > 1e-10) == 18


def test_reduced_sizes_and_tops():
    spectrum = reduced_spectrum(*CASES[1])
    assert spectrum.size == 30
    assert_allclose(spectrum[[0, -1]], [-45.4873653065126, 79.3314279475054], rtol=1e-13)
    spectrum = reduced_spectrum(*CASES[2])
    assert spectrum.size == 15
    assert_allclose(spectrum[-1], 51.1549458088235, rtol=1e-13)


@pytest.mark.parametrize(("problem", "weights"), CASES)
def test_derivatives_agree_with_autodiff(problem, weights):
    assert_allclose(excess_risk(problem, weights), float(risk(problem, weights)), rtol=1e-12)
    assert_allclose(
        flatten(gradient(problem, weights)), flatten(autodiff_gradient(problem, weights)), rtol=1e-11, atol=1e-11
    )
    hessian = dense_hessian(problem, weights)
    directions = np.random.default_rng(0).normal(size=(4, len(hessian)))
    ends = np.cumsum([matrix.size for matrix in weights])[:-1]
    parts = zip(np.split(directions, ends, axis=1), weights, strict=True)
    images = hessian_vector_product(problem, weights, [part.reshape(-1, *matrix.shape) for part, matrix in parts])
    found = np.concatenate([image.reshape(4, -1) for image in images], axis=1)
    assert_allclose(found, directions @ hessian, rtol=1e-10, atol=1e-10)
    assert_allclose(reduced_sharpness(problem, weights).value, np.linalg.eigvalsh(hessian)[-1], rtol=1e-12)


@pytest.mark.parametrize(("problem", "weights"), CASES)
def test_the_kernel_gives_the_gradient_norm(problem, weights):
    slope = 2 * SIGMA @ (product(weights, problem.readout) - W_STAR)
    kernel = tangent_kernel(problem, weights)
    assert_allclose(np.sum(flatten(gradient(problem, weights)) ** 2), slope @ kernel @ slope, rtol=1e-12)


@pytest.mark.parametrize(("problem", "weights"), CASES)
def test_the_residual_part_has_no_trace(problem, weights):
    gauss_newton = 2 * np.trace(SIGMA @ tangent_kernel(problem, weights))
    assert_allclose(np.trace(dense_hessian(problem, weights)), gauss_newton, rtol=1e-12)


def test_the_top_of_gauss_newton_agrees_with_the_oracle():
    problem, weights = CASES[0]
    root = problem.regression.root
    top = 2 * np.linalg.eigvalsh(root @ tangent_kernel(problem, weights) @ root)[-1]
    assert_allclose(top, 103.657692120477, rtol=1e-13)


def test_sharpness_of_the_corrected_weights():
    problem, weights = CASES[0]
    minimizer = nearest_minimizer(problem, weights)
    assert_allclose(sharpness_at_minimizer(problem, minimizer).value, 56.1110011770867, rtol=1e-13)


@pytest.mark.parametrize(("problem", "weights"), CASES)
def test_sharpness_and_direction_at_a_minimizer_agree_with_the_dense_hessian(problem, weights):
    minimizer = nearest_minimizer(problem, weights)
    hessian = dense_hessian(problem, minimizer)
    eigenvalues = np.linalg.eigvalsh(hessian)
    assert_allclose(sharpness_at_minimizer(problem, minimizer).value, eigenvalues[-1], rtol=1e-12)
    assert_allclose(reduced_sharpness(problem, minimizer).value, eigenvalues[-1], rtol=1e-12)
    direction = flatten(top_direction(problem, minimizer))
    assert_allclose(np.linalg.norm(direction), 1, rtol=1e-13)
    residual = hessian @ direction - eigenvalues[-1] * direction
    assert_allclose(residual, 0, atol=1e-11 * eigenvalues[-1])


def test_batches_agree_with_one_by_one():
    problem, weights = CASES[1]
    many = tuple(np.stack([matrix, 2 * matrix, -matrix]) for matrix in weights)
    minimizers = nearest_minimizer(problem, many)
    found = sharpness_at_minimizer(problem, minimizers).value
    one_by_one = [sharpness_at_minimizer(problem, [m[i] for m in minimizers]).value for i in range(3)]
    assert_allclose(found, one_by_one, rtol=1e-12)
    assert_allclose(excess_risk(problem, many)[0], excess_risk(problem, weights), rtol=1e-12)


def test_what_is_left_of_the_risk_does_not_flatten_a_minimizer():
    problem, weights = CASES[1]
    minimizer = nearest_minimizer(problem, weights)
    off = (minimizer[0] * (1 - 1e-6), *minimizer[1:])
    assert excess_risk(problem, off) > 1e-12
    expected = np.linalg.eigvalsh(dense_hessian(problem, nearest_minimizer(problem, off)))[-1]
    assert_allclose(sharpness_at_minimizer(problem, off).value, expected, rtol=1e-13)


def test_at_the_saddle_the_reduced_basis_loses_the_families_that_vanish():
    for problem, zero in ((network(3), np.zeros((3, 3))), (network(2), np.zeros((3, 3)))):
        weights = [*[zero] * (problem.depth - 1), np.zeros((1, 3))]
        dense = np.linalg.eigvalsh(dense_hessian(problem, weights))
        assert_allclose(reduced_sharpness(problem, weights).value, dense[-1], atol=1e-12)
    # two layers: the saddle at zero has eigenvalues +-|2 sigma w_star|
    assert_allclose(dense[-1], np.linalg.norm(2 * SIGMA @ W_STAR), rtol=1e-12)


def test_the_sharpness_is_signed():
    problem = network(4)
    small = tuple(0.3 * matrix for matrix in cosines(PLAIN))
    spectrum = np.linalg.eigvalsh(dense_hessian(problem, small))
    assert -spectrum[0] > spectrum[-1]
    assert_allclose(reduced_sharpness(problem, small).value, spectrum[-1], rtol=1e-11)


def test_a_zero_network_is_the_flat_minimizer_of_a_zero_target():
    problem = network(2, w_star=np.zeros(3))
    assert sharpness_at_minimizer(problem, (np.zeros((2, 3)), np.zeros((1, 2)))).value == 0


def test_weights_that_are_no_minimizers_are_refused():
    with pytest.raises(InputError, match=r"weights must be global minimizers, got an excess risk of 9\.92"):
        sharpness_at_minimizer(*CASES[0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (cosines(PLAIN)[:3], "weights must be 4 matrices, got 3"),
        ((np.eye(4), *cosines(PLAIN)[1:]), r"W_1 must have 3 columns .* got shape \(4, 4\)"),
        ((*cosines(PLAIN)[:3], np.ones((2, 3))), r"W_4 must have 1 row\(s\), got 2"),
        ((np.full((3, 3), np.nan), *cosines(PLAIN)[1:]), "W_1 must be finite"),
        ((np.ones((2, 3, 3)), *cosines(PLAIN)[1:]), r"W_2 must have 3 columns and the batch axes of W_1"),
        ((np.ones((0, 3)), np.ones((3, 0)), *cosines(PLAIN)[2:]), "W_1 must have"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights, message):
    with pytest.raises(InputError, match=message):
        gradient(network(4), weights)


def test_a_product_of_matrices_that_do_not_fit_is_refused():
    for weights, readout in (((), None), ((np.eye(3), np.eye(2)), READOUT), ((np.eye(3),), None)):
        with pytest.raises(InputError, match="weights do not multiply"):
            product(weights, readout)
