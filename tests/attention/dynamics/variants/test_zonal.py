"""The one-dimensional equation of noisy tokens in <x, w>, on spheres of any dimension."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, growth_rates
from fathometer.attention.dynamics.variants import (
    MeanFieldCircle,
    ZonalLaw,
    critical_kappa,
    evolve_density,
    evolve_zonal,
    free_energy,
    order_parameter,
    stationary_branch,
    tilt_of_order,
)
from fathometer.attention.predictions.variants._noise import driven_share_of_noisy_law
from fathometer.attention.theorems.variants.noisy_free_energy import THEOREM as ENERGY
from fathometer.attention.theorems.variants.noisy_growth import THEOREM as GROWTH
from fathometer.attention.theorems.variants.noisy_jump import THEOREM as JUMP
from fathometer.attention.theorems.variants.noisy_onset import THEOREM as ONSET
from fathometer.attention.theorems.variants.noisy_stationary import THEOREM as STATIONARY
from fathometer.attention.theorems.variants.noisy_uniform_least import THEOREM as LEAST
from fathometer.evidence import Axis, AxisKind, InputError, Origin, Status, Trajectory, Within

MODELS = pytest.mark.parametrize("model", list(Model))


def at(dim, beta, share, tilt, model="usa", nodes=64):
    kappa = share * float(critical_kappa(dim, beta, model).value)
    return ZonalLaw.tilted(dim, beta, kappa, model, tilt, nodes)


@MODELS
@pytest.mark.parametrize("dim", [2, 3, 8, 512])
def test_a_small_order_parameter_has_its_rate_exactly(dim, model):
    law = at(dim, 1.5, 1.7, 1e-5, model)
    speed = law.flow(law.weights * law.density)
    rate = growth_rates(1, dim, 1.5, model)[0] - (dim - 1) / law.kappa
    assert_allclose(speed @ law.cosines / law.order, rate, rtol=1e-7)
    assert abs(speed.sum()) < 1e-14


def test_higher_harmonics_decay_with_an_error_of_second_order():
    def error(nodes):
        law = at(3, 1e-6, 1e-9, 0.0, nodes=nodes)
        p = law.weights * (1 + 0.1 * law.harmonics[1])
        return law.flow(p) @ law.harmonics[1] / (p @ law.harmonics[1]) * law.kappa / 6 + 1

    errors = [error(nodes) for nodes in (16, 32, 64)]
    assert abs(errors[2]) < 2e-3
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert np.all(orders > 1.8)


@MODELS
def test_laws_are_at_rest_exactly_if_they_balance_themselves(model):
    law = stationary_branch(5, 2.0, model).law_at(1.4 * float(critical_kappa(5, 2.0, model).value))
    assert np.max(np.abs(law.flow(law.weights * law.density))) < 1e-12
    other = at(5, 2.0, 1.4, 4.0, model)
    assert np.max(np.abs(other.flow(other.weights * other.density))) > 1e-3


@pytest.mark.slow
def test_the_circle_is_the_old_circle():
    beta, kappa, tilt = 2.0, 1.3 * float(critical_kappa(2, 2.0, "usa").value), tilt_of_order(0.3, 2)
    angles, times = 2 * np.pi * np.arange(64) / 64, [0.0, 2.0, 10.0, 40.0]
    old = evolve_density(MeanFieldCircle(np.exp(tilt * np.cos(angles)), beta, kappa, Model.USA), times)
    new = evolve_zonal(ZonalLaw.tilted(2, beta, kappa, "usa", tilt, 128), times)
    orders = order_parameter(new)
    assert_allclose(orders.value, order_parameter(old).value, rtol=1e-3)
    assert np.all(np.abs(orders.value - order_parameter(old).value) <= orders.upper - orders.value + 1e-7)
    assert_allclose(free_energy(new).value, free_energy(old).value, rtol=3e-3, atol=1e-6)
    starts = (run.problem.free_energy(run.problem.density) for run in (new, old))
    assert_allclose(*starts, rtol=1e-10)


@pytest.mark.parametrize("dim", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_both_laws_are_reached_inside_the_loop(dim):
    branch = stationary_branch(dim, 2.5)
    loop = branch.hysteresis
    kappa = 0.5 * (float(loop.kappa_transition.value) + float(loop.kappa_onset.value))
    for tilt, order in ((0.1, 0.0), (tilt_of_order(0.85, dim), branch.stable_orders(kappa)[0])):
        run = evolve_zonal(ZonalLaw.tilted(dim, 2.5, kappa, "usa", tilt, max(branch.nodes, 64)), [0.0, 10.0, 2e4])
        assert_allclose(order_parameter(run).value[-1], order, atol=1e-6)
        assert ENERGY.test(run).status is not Status.VIOLATED
        assert {JUMP.test(run).status, STATIONARY.test(run).status} == {Status.HOLDS if order else Status.INAPPLICABLE}


@MODELS
@pytest.mark.parametrize("share", [0.5, 2.0])
def test_growth_against_noise_on_spheres(model, share):
    law = at(8, 2.0, share, 8e-4, model, 32)
    rate = growth_rates(1, 8, 2.0, model)[0] - 7 / law.kappa
    run = evolve_zonal(law, [0.0, 3 / abs(rate)])
    assert GROWTH.test(run).status is Status.HOLDS
    other = dataclasses.replace(GROWTH, predict=lambda p, a: Within(np.zeros(2), np.full(2, 0.1)))
    assert other.test(run).status is Status.VIOLATED


@pytest.mark.parametrize(("dim", "beta", "model"), [(3, 1.2, "usa"), (10, 0.8, "usa"), (3, 6.0, "sa"), (2, 9.0, "sa")])
def test_the_order_parameter_starts_like_a_root_on_spheres_and_for_softmax(dim, beta, model):
    branch = stationary_branch(dim, beta, model)
    law = branch.law_at(1.001 * float(branch.kappa[0]))
    run = Trajectory(law, Axis(AxisKind.TIME, np.zeros(1)), {"density": law.density[None]}, Origin.RECORDED)
    assert ONSET.test(run).status in (Status.HOLDS, Status.INAPPLICABLE)
    assert ONSET.test(run).status is Status.HOLDS or (dim, beta) == (2, 9.0)  # there the next order is not small
    assert STATIONARY.test(run).status is Status.HOLDS


def test_the_uniform_law_has_the_least_free_energy_only_below_the_tricritical_beta():
    branch = stationary_branch(3, 2.5)
    law = branch.law_at(0.999 * float(branch.kappa[0]))
    assert law.free_energy(law.density) < -0.01
    run = Trajectory(law, Axis(AxisKind.TIME, np.zeros(1)), {"density": law.density[None]}, Origin.RECORDED)
    assert LEAST.test(run).status is Status.INAPPLICABLE
    mild = dataclasses.replace(law, beta=1.5, kappa=0.999 * float(critical_kappa(3, 1.5, "usa").value))
    assert LEAST.test(dataclasses.replace(run, problem=mild)).status is Status.HOLDS


@MODELS
def test_pairs_of_harmonics_drive_the_first_as_the_second_order_says(model):
    law = at(4, 2.0, 1.5, 0.0, model, 128)
    size, m = 1e-4, np.zeros(len(law.harmonics))
    m[:3] = 0.01 * size, size, size
    numbers = np.array([4.0, 9.0, 16.0])  # harmonics of degree 1, 2, 3 in R^4
    density = 1 + (numbers * m[:3]) @ law.harmonics[:3]
    moved = dataclasses.replace(law, density=density)
    speed = moved.flow(moved.weights * moved.density) @ moved.cosines
    rate = growth_rates(1, 4, 2.0, model)[0] - 3 / law.kappa
    driven = abs(speed - rate * m[0]) / abs(m[0])
    assert_allclose(driven_share_of_noisy_law(moved, np.array([1e-6]))[0] / 1e-6, driven, rtol=2e-2)


def test_a_law_on_other_nodes_is_the_same():
    law = at(7, 2.0, 1.0, 30.0, nodes=96)
    assert_allclose(law.resampled(48).moments(law.resampled(48).density)[:4], law.moments(law.density)[:4], atol=1e-6)


@pytest.mark.slow
def test_the_highest_dimension_runs():
    branch = stationary_branch(512, 0.9)
    kappa = 1.05 * float(branch.kappa[0])
    law = ZonalLaw.tilted(512, 0.9, kappa, "usa", tilt_of_order(0.4, 512), 512)
    run = evolve_zonal(law, [0.0, 5.0, 500.0])
    assert_allclose(order_parameter(run).value[-1], branch.stable_orders(kappa)[0], rtol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ZonalLaw(3, np.ones(7), 1.0, 1.0, Model.USA), "8 to 1024"),
        (lambda: ZonalLaw(3, -np.ones(8), 1.0, 1.0, Model.USA), "not negative"),
        (lambda: ZonalLaw(3, np.zeros(8), 1.0, 1.0, Model.USA), "not all zero"),
        (lambda: ZonalLaw(1, np.ones(8), 1.0, 1.0, Model.USA), "dim must be"),
        (lambda: ZonalLaw(3, np.ones(8), 17.0, 1.0, Model.SA), "beta must be"),
        (lambda: ZonalLaw(3, np.ones(8), 1.0, 0.0, Model.USA), "kappa must be > 0"),
        (lambda: ZonalLaw.tilted(3, 1.0, 1.0, "usa", np.inf), "tilt must be"),
        (lambda: evolve_zonal(at(3, 1.0, 1.0, 1.0, nodes=8), [0.0, 1.0]), "at least 16 entries"),
        (lambda: evolve_zonal(at(3, 1.0, 1.0, 1.0), [1.0]), "times must start at 0"),
        (lambda: evolve_zonal(at(3, 1.0, 1e6, 5.0, nodes=16), [0.0, 1000.0]), "too sharp"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
