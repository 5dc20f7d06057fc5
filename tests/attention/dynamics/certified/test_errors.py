"""How well places are known: a twin that has no state there says nothing, and must not count as agreement."""

import dataclasses

import numpy as np

from fathometer.attention import ParticleSystem, record
from fathometer.attention.dynamics.certified import merge_room, simulated_room
from fathometer.attention.dynamics.certified._errors import angle_error, place_errors
from fathometer.evidence import Twin


def run_with(*twins):
    points = ParticleSystem.uniform(3, 3, 1.0, "sa", seed=0).points
    run = record(np.stack([points] * 3), 1.0)
    return dataclasses.replace(
        run, twins=tuple(Twin({"points": run.states["points"][:n] + move}, {}) for n, move in twins)
    )


def test_the_error_is_four_times_the_largest_move():
    errors = place_errors(run_with((3, np.array([1e-6, 0.0, 0.0])), (3, 0.0)), room=1e-7)
    np.testing.assert_allclose(errors, 4e-6 + 1e-7, rtol=1e-6)


def test_where_a_twin_has_no_state_nothing_is_known():
    errors = place_errors(run_with((3, 0.0), (1, 0.0)))
    assert errors[0] == 0.0
    assert np.all(errors[1:] >= 2.0)
    assert angle_error(errors[1]) == np.pi


def test_rooms_do_not_vanish():
    assert merge_room(1e-13, 1e6) >= 2e-14
    assert merge_room(1e-8, 100.0) == 60 * 1e-8 / 100
    assert simulated_room(0.5) == 1e-8
