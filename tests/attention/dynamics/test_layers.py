import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    equiangular_layer,
    equiangular_log_time,
    iterate_layers,
    layer_time,
    usa_layer_step,
)
from fathometer.evidence import InputError
from tests.oracles.attention import circle
from tests.oracles.attention_variants import DILATION, MOVIE_EVENTS, layer, movie, orthogonal_to

MODELS = pytest.mark.parametrize("model", list(Model))


@MODELS
@pytest.mark.parametrize("tangent", [False, True])
def test_layers_are_those_of_the_formula(model, tangent):
    system = ParticleSystem.uniform(5, 3, 3.0, model, seed=4)
    system = ParticleSystem(system.points, 3.0, model, np.array([0.1, 0.3, 0.2, 0.2, 0.2]))
    run = iterate_layers(system, 3, 0.2, tangent=tangent)
    expected = [system.points]
    for _ in range(3):
        expected.append(layer(expected[-1], system.masses, 3.0, model, 0.2, tangent))
    assert_allclose(run.states["points"], expected, atol=1e-14)
    assert run.axis.points.tolist() == [0, 1, 2, 3]


def test_only_some_layers_are_kept():
    system = ParticleSystem.uniform(5, 3, 3.0, "sa", seed=4)
    dense, sparse = iterate_layers(system, 9), iterate_layers(system, 9, every=4)
    assert sparse.axis.points.tolist() == [0, 4, 8]
    assert_allclose(sparse.states["points"], dense.states["points"][[0, 4, 8]], atol=1e-15)


def test_two_tokens_after_fifty_layers():
    rho = 0.0
    for _ in range(50):
        rho = equiangular_layer(rho, 2, 4.0, 0.1)
    assert_allclose(rho, 0.2500382389880608, rtol=1e-14)
    run = iterate_layers(ParticleSystem(circle(0.0, np.pi / 2), 4.0, Model.SA), 50, 0.1)
    first, second = run.states["points"][-1]
    assert_allclose(first @ second, rho, atol=1e-14)


def test_equiangular_tokens_follow_the_recursion():
    rho = 0.2
    run = iterate_layers(ParticleSystem(orthogonal_to(6, rho), 2.0, Model.SA), 10, 0.3)
    for points in run.states["points"]:
        gram = points @ points.T
        assert_allclose(gram, rho + (1 - rho) * np.eye(6), atol=1e-13)
        rho = equiangular_layer(rho, 6, 2.0, 0.3)


@pytest.mark.parametrize(("beta", "step", "time"), DILATION)
def test_time_runs_slow_in_untangent_layers(beta, step, time):
    rho, layers = 0.0, 0
    while rho < 0.999:
        rho, layers = equiangular_layer(rho, 32, beta, step), layers + 1
    assert_allclose(layers * step, time, atol=step / 2 + 1e-9)


@pytest.mark.parametrize("beta", [1.0, 4.0, 6.0])
def test_a_layer_is_worth_less_than_its_step(beta):
    exact = np.exp(equiangular_log_time(0.0, 0.999, 32, beta, "sa").value)
    first = {}
    for tangent in (False, True):
        run = iterate_layers(ParticleSystem(np.eye(32), beta, Model.SA), 400, 0.05, tangent=tangent)
        cosine = np.einsum("td,td->t", run.states["points"][:, 0], run.states["points"][:, 1])
        first[tangent] = np.argmax(cosine >= 0.999)
    assert abs(first[True] * 0.05 / exact - 1) < 0.025
    assert abs(first[False] * 0.05 / exact - 1.05) < 0.025
    assert abs(first[False] * layer_time(0.05) / exact - 1) < 0.025


def test_the_events_of_the_circle_movie_come_ten_percent_late():
    run = iterate_layers(ParticleSystem(movie(), 4.0, Model.SA), 3700, 0.1)
    measured = {k: 0.1 * run.event(f"{k} clusters").value for k in MOVIE_EVENTS}
    assert_allclose([measured[k] for k in (4, 3, 2, 1)], [1.3, 2.4, 5.6, 364.0], atol=0.11)
    assert_allclose(measured[1] / 1.1, MOVIE_EVENTS[1], rtol=0.01)


def test_the_step_rule_bounds_every_move():
    for beta in (0.1, 1.0, 9.0):
        angles = np.linspace(0, np.pi, 2001)
        fastest = np.max(np.exp(beta * np.cos(angles)) * np.sin(angles))
        assert usa_layer_step(0.1, beta) * fastest < 0.12
    assert usa_layer_step(0.1, 0.0) == 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: iterate_layers(s, 0), "layers must be >= 1"),
        (lambda s: iterate_layers(s, 3, 0.0), "step must be > 0"),
        (lambda s: iterate_layers(s, 3, every=4), "every must be >= 1 and <= 3"),
        (lambda s: layer_time(-1.0), "step must be > 0"),
        (lambda s: usa_layer_step(0.1, -1.0), "beta must be >= 0"),
        (lambda s: equiangular_layer(-1.0, 2, 1.0, 0.1), "cosine must be > -1"),
        (lambda s: equiangular_layer(0.0, 1, 1.0, 0.1), "n must be >= 2"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call(ParticleSystem.uniform(3, 2, 1.0, "sa", seed=0))
