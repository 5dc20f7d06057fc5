import numpy as np
import pytest
from hypothesis import given, strategies as st

from fathometer.evidence import InputError
from fathometer.generalization.learning.linear._model import (
    Sample,
    Scaling,
    direction,
    distance_to_solution,
    fit_weights,
    read_binary,
)


def to_unit_ball(x, reference):
    return Scaling.of(reference).apply(x)


@pytest.fixture
def sample() -> Sample:
    rng = np.random.default_rng(0)
    x = to_unit_ball(rng.normal(size=(50, 4)), rng.normal(size=(30, 4)))
    return Sample(x, np.where(rng.random(50) < 0.5, 1.0, -1.0))


@given(st.integers(0, 10**6), st.floats(1e-3, 1e6))
def test_every_row_lands_in_the_unit_ball(seed, scale):
    rng = np.random.default_rng(seed)
    x = to_unit_ball(rng.normal(size=(20, 3)) * scale, rng.normal(size=(5, 3)))
    assert np.all(np.linalg.norm(x, axis=1) <= 1)
    assert np.all(x[:, -1] > 0)


@given(st.integers(0, 10**6))
def test_a_classifier_of_mapped_rows_is_one_of_the_rows_that_were_given(seed):
    rng = np.random.default_rng(seed)
    x, reference = rng.normal(size=(20, 3)) * 5 + 1, rng.normal(size=(9, 3))
    coefficients, intercept = rng.normal(size=3), rng.normal()
    scaling = Scaling.of(reference)
    scores = scaling.apply(x) @ scaling.weights_of(coefficients, intercept)
    np.testing.assert_array_equal(np.sign(scores), np.sign(x @ coefficients + intercept))


def test_the_map_depends_on_the_reference_rows_alone():
    rng = np.random.default_rng(1)
    reference, x = rng.normal(size=(9, 3)), rng.normal(size=(20, 3))
    np.testing.assert_array_equal(to_unit_ball(x, reference)[:5], to_unit_ball(x[:5], reference))


def test_a_constant_column_does_no_harm():
    x = to_unit_ball(np.array([[1.0, 5], [2, 5], [3, 6]]), np.array([[1.0, 5], [2, 5]]))
    assert np.all(np.isfinite(x))


def test_closed_forms_agree_with_sampling(sample):
    rng = np.random.default_rng(2)
    w, sigma, gamma = rng.normal(size=5) / 2, 0.3, 0.2
    drawn = w + sigma * rng.normal(size=(40_000, 5))
    margins = sample.y * (drawn @ sample.x.T)
    np.testing.assert_allclose(sample.gibbs_errors(w, sigma), np.mean(margins <= 0, axis=0), atol=0.012)
    widths = 1.5 * sigma * np.linalg.norm(sample.x, axis=1)
    np.testing.assert_allclose(sample.smoothed_errors(w, sigma, 1.5), np.mean(margins <= widths, axis=0), atol=0.012)
    ramp = np.mean(np.clip(1 - margins / gamma, 0, 1), axis=0)
    np.testing.assert_allclose(sample.gibbs_ramp_losses(w, sigma, gamma), ramp, atol=0.012)


def test_the_ramp_loss_lies_above_the_errors_and_is_lipschitz(sample):
    rng = np.random.default_rng(3)
    w, v, gamma = rng.normal(size=5), rng.normal(size=5), 0.3
    assert np.all(sample.ramp_losses(w, gamma) >= sample.errors(w))
    change = np.abs(sample.ramp_losses(w, gamma) - sample.ramp_losses(v, gamma))
    assert np.all(change <= np.linalg.norm(w - v) / gamma * (1 + 1e-12))


def test_a_narrow_posterior_is_its_mean(sample):
    w = np.array([0.1, -0.3, 0.2, 0.5, 0.05])
    np.testing.assert_allclose(sample.gibbs_errors(w, 1e-9), sample.errors(w), atol=1e-9)
    np.testing.assert_allclose(sample.gibbs_ramp_losses(w, 1e-9, 0.3), sample.ramp_losses(w, 0.3), atol=1e-7)


def test_the_direction_separates_what_can_be_separated():
    rng = np.random.default_rng(4)
    x = to_unit_ball(rng.normal(size=(200, 3)), rng.normal(size=(200, 3)))
    y = np.where(x @ np.array([1.0, -2, 0.5, 0.3]) > 0, 1.0, -1.0)
    w = direction(fit_weights(Sample(x, y), 1000.0))
    assert np.linalg.norm(w) == pytest.approx(1)
    assert np.mean(Sample(x, y).errors(w)) < 0.03


def test_labels_of_any_kind_become_signs():
    x = np.zeros((4, 2))
    for labels in ([0, 1, 1, 0], ["a", "b", "b", "a"], [False, True, True, False], [-1.5, 2.5, 2.5, -1.5]):
        np.testing.assert_array_equal(read_binary(x, labels, 1)[1], [-1, 1, 1, -1])


def test_one_class_in_a_part_is_refused():
    with pytest.raises(InputError, match="a part of the split with 3 rows holds one class only"):
        fit_weights(Sample(np.ones((3, 2)) / 2, np.ones(3)), 1.0)


def test_the_gradient_bounds_the_distance_to_the_solution(sample):
    rng = np.random.default_rng(5)
    for strength in (0.1, 10.0, 1000.0):
        solution = fit_weights(sample, strength)
        assert distance_to_solution(sample, strength, solution) <= 1e-7 * np.linalg.norm(solution)
        other = solution + rng.normal(size=5)
        assert distance_to_solution(sample, strength, other) >= np.linalg.norm(other - solution)
