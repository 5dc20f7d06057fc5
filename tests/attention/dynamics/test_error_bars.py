"""What simulations claim about their errors, held against runs that are far more accurate."""

import json

import numpy as np
import pytest

from fathometer import attention
from fathometer.attention import MEAN_COSINE, UNIT_ENERGY, Model, ParticleSystem, simulate
from fathometer.cli import run as run_command
from fathometer.evidence import InputError, Kind, Trajectory
from tests.oracles.attention import circle

TIMES = np.array([0.0, 0.3, 1.0, 3.0, 10.0, 40.0])
ROUNDING = 1e-14
"""Of an observable itself, which is not the error of a run."""
SADDLE = circle(*(2 * np.pi * np.arange(3) / 3 + 1e-13 * np.array([1, -0.3, 0.4])))


def random_system(seed):
    """Shapes are few, because each is compiled."""
    generator = np.random.default_rng(seed)
    n, d = [(3, 2), (5, 3), (8, 8)][seed % 3]
    beta = float(generator.choice([0.0, 1.0, 4.0, 20.0, 100.0]) * generator.uniform(0.5, 1.5))
    masses = generator.uniform(0.2, 1.0, n) if seed % 2 else None
    model = list(Model)[seed // 3 % 2]
    return ParticleSystem.project(generator.standard_normal((n, d)), beta, model, masses)


def coverage(tolerance, seeds):
    """Whether the interval holds the true value, and half its width over the error, for systems, times, observables."""
    held, widths = [], []
    for seed in seeds:
        system = random_system(seed)
        run, true = simulate(system, TIMES, tolerance=tolerance), simulate(system, TIMES, tolerance=1e-13)
        for observable in (UNIT_ENERGY, MEAN_COSINE):
            found, value = run.observe(observable), true.observe(observable).value
            held.append((found.lower - ROUNDING <= value) & (value <= found.upper + ROUNDING))
            error = np.abs(found.value - value)
            big = error > 10 * ROUNDING
            widths.append((found.upper - found.lower)[big] / 2 / error[big])
    return np.mean(held), np.median(np.concatenate(widths))


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [1e-7, 1e-8])
def test_intervals_hold_the_true_value_and_are_not_wide(tolerance):
    share, width = coverage(tolerance, range(105))
    assert share >= 0.99
    assert 1 < width < 100


@pytest.mark.slow
def test_next_to_a_saddle_the_interval_is_wide_and_the_run_warns():
    """Three tokens that are almost equidistant: .825037 comes from an integration with 30 digits."""
    run = simulate(ParticleSystem(SADDLE, 1.0, Model.SA), [0.0, 10.0, 66.0])
    energy = run.observe(UNIT_ENERGY)
    assert energy.lower[-1] < 0.825037 < energy.upper[-1]
    assert energy.upper[-1] - energy.lower[-1] > 0.01
    assert run.condition > 1e8
    assert "next to a saddle" in run.warning


@pytest.mark.slow
def test_the_condition_is_the_growth_of_a_perturbation():
    system = ParticleSystem.uniform(5, 3, 4.0, Model.SA, seed=2)
    run = simulate(system, TIMES)
    shift = 1e-6 * np.random.default_rng(0).standard_normal(system.points.shape)
    moved = simulate(ParticleSystem.project(system.points + shift, 4.0, Model.SA), TIMES, tolerance=1e-12)
    growth = np.abs(moved.states["points"] - run.states["points"]).max() / 1e-6
    assert growth / 10 < run.condition < 10 * growth
    assert run.warning == ""


@pytest.mark.slow
def test_no_observable_of_a_simulated_run_is_exact():
    run = simulate(ParticleSystem.uniform(5, 3, 4.0, Model.SA, seed=2), TIMES)
    observables = [one for one in vars(attention).values() if type(one).__name__ == "Observable"]
    assert len(observables) > 10
    for observable in observables:
        try:
            found = run.observe(observable)
        except InputError:  # of other problems
            continue
        assert found.kind is not Kind.EXACT, observable.name


@pytest.mark.slow
def test_a_run_can_be_stored_with_its_twins():
    run = simulate(ParticleSystem.uniform(5, 3, 4.0, Model.SA, seed=2), [0.0, 1.0, 3.0])
    again = Trajectory.from_json(run.to_json())
    assert again == run
    assert np.array_equal(again.observe(UNIT_ENERGY).upper, run.observe(UNIT_ENERGY).upper)
    assert len(run.until(1.0).twins[0].states["points"]) == 2


@pytest.mark.slow
def test_the_command_says_condition_and_warning(tmp_path, capsys):
    np.save(tmp_path / "points.npy", SADDLE)
    given = ["attention", "simulate", "--points", str(tmp_path / "points.npy"), "--beta", "1", "--time", "66"]
    assert run_command([*given, "--saves", "3", "--json"]) in (0, 3)
    document = json.loads(capsys.readouterr().out)
    assert document["condition"] > 1e8
    assert "saddle" in document["warning"]
    energy = document["observed"]["unit_energy"]
    assert energy["kind"] == "heuristic"
    assert energy["lower"][-1] < 0.825037 < energy["upper"][-1]
    run_command([*given, "--saves", "3"])
    assert "Warning: ill conditioned" in capsys.readouterr().out


@pytest.mark.slow
def test_a_watched_run_is_the_same_run():
    """From one time to the next, and interrupted on the way, it has the same numbers, bars, condition and events."""
    system, seen = ParticleSystem.uniform(5, 3, 4.0, Model.SA, seed=2), []
    plain, watched = simulate(system, TIMES), simulate(system, TIMES, watch=lambda now, run: seen.append((now, run())))
    assert [now for now, _ in seen] == TIMES.tolist()
    assert [len(run.axis) for _, run in seen] == [1, 2, 3, 4, 5, 6]
    for run in (watched, seen[3][1]):
        count = len(run.axis)
        found, expected = run.observe(UNIT_ENERGY), plain.observe(UNIT_ENERGY)
        assert np.abs(found.value - expected.value[:count]).max() < 1e-8
        assert np.all(found.upper[1:] - found.lower[1:] < 1e-6)
        assert plain.condition / 3 < run.condition < 3 * plain.condition
        assert np.abs(run.states["dissipated"] - plain.states["dissipated"][:count]).max() < 1e-8
    assert [event.name for event in watched.events] == [event.name for event in plain.events]
