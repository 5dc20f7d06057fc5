"""Mergers of the first stage, whose times are late, and where the last one was in truth."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from fathometer.attention import Model, ParticleSystem
from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.dynamics.large.collapse import Scales, _stages, simulate_large_collapse
from fathometer.attention.dynamics.large.collapse._large import _falling


def widths(points):
    return np.linalg.norm(points[:, None] - points, axis=2)


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize(("dim", "beta"), [(2, 0.1), (3, 1.0), (3, 30.0), (5, 1000.0)])
def test_a_cluster_of_all_tokens_falls_in_the_time_that_is_said(model, dim, beta):
    random = np.random.default_rng(dim)
    widest, narrowest = min(1.0, beta**-0.5), 1e-3 * min(1.0, beta**-0.5)
    points = 0.4 * widest * random.standard_normal((12, dim))
    points[:, 0] = 1.0
    points[:2, 1:] *= 0.45 * widest / np.linalg.norm(points[:2, 1:], axis=1)[:, None]
    points[2:, 1:] *= np.minimum(1, 0.45 * widest / np.linalg.norm(points[2:, 1:], axis=1))[:, None]
    system = ParticleSystem.project(points, beta, model, random.uniform(0.1, 2, 12))
    begin = float(np.max(widths(system.points)))
    assert narrowest < begin <= widest

    def velocities(_, flat):
        points = flat.reshape(12, dim)
        weights = system.masses * np.exp(-beta / 2 * widths(points) ** 2)
        pull = weights @ points / (weights.sum(axis=1)[:, None] if model is Model.SA else 1.0)
        return (pull - np.sum(pull * points, axis=1)[:, None] * points).ravel()

    said = _falling(begin, narrowest, beta, model)
    end = solve_ivp(velocities, (0, said), system.points.ravel(), rtol=1e-9, atol=1e-12).y[:, -1]
    assert math.log(begin / narrowest) < said < 2 * math.log(begin / narrowest)
    assert np.max(widths(end.reshape(12, dim))) < narrowest


def test_of_a_cluster_that_is_too_wide_nothing_is_said():
    assert _falling(1.0, 1e-3, 100.0, Model.SA) == math.inf
    assert _falling(1e-4, 1e-3, 100.0, Model.SA) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "dim", "beta", "model"),
    [
        (60, 3, 0.1, "sa"),
        (60, 2, 0.1, "usa"),
        (60, 3, 1.0, "sa"),
        (60, 3, 1.0, "usa"),
        (60, 2, 3.0, "sa"),
        (60, 3, 3.0, "sa"),
        (40, 2, 1.0, "sa"),
        (120, 3, 1.0, "sa"),
        (60, 2, 3.0, "usa"),
        (60, 3, 10.0, "usa"),
        (60, 2, 10.0, "sa"),
        (60, 2, 30.0, "sa"),
        (60, 3, 30.0, "usa"),
    ],
)
def test_the_time_of_collapse_is_where_it_is_said_to_be(n, dim, beta, model):
    system = ParticleSystem.uniform(n, dim, beta, model, n + dim)
    found, tree = simulate_large_collapse(system, check=False)
    true = simulate_collapse(system, tolerance=1e-9, check=False).log_time_of_collapse.value
    said = found.log_time_of_collapse
    assert said.lower <= true <= said.upper + 1e-8
    assert (said.upper - said.lower < 1e-4) == (found.unresolved < len(tree.linkage))


@pytest.mark.slow
@pytest.mark.parametrize(("model", "seed"), [("sa", 11)])
def test_pairs_that_were_close_when_the_first_stage_ended_are_not_resolved(model, seed):
    system = ParticleSystem.uniform(100, 3, 100.0, model, seed)
    found, tree = simulate_large_collapse(system)
    late = found.unresolved - (len(tree.linkage) - len(found.events))
    assert all(event.error is None for event in found.events[:late])
    assert tree.linkage[found.unresolved - 1, 2] < tree.linkage[found.unresolved, 2]
    times = [event.log_time for event in simulate_collapse(system, tolerance=1e-9, check=False).events]
    for event, time in zip(found.events[late:], times[-len(found.events) + late :], strict=True):
        assert time is not None
        assert event.error is not None
        assert abs(event.log_time - time) <= event.error + 1e-6


@pytest.mark.slow
@pytest.mark.parametrize(("model", "seed"), [("usa", 0), ("usa", 3), ("sa", 1)])
def test_clusters_that_touch_and_part_again_make_no_event(model, seed, monkeypatch):
    monkeypatch.setattr(_stages, "FEWEST", 8)
    random = np.random.default_rng(seed)
    points, masses = random.standard_normal((70, 3)), np.exp(random.standard_normal(70))
    system = ParticleSystem.project(points, 100.0, model, masses)
    found, tree = simulate_large_collapse(system, check=False, scales=Scales(merge_chord=5e-6))
    events = simulate_collapse(system, tolerance=1e-9, check=False).events
    true = {frozenset(event.members[0] + event.members[1]): event.log_time for event in events}
    tokens = [frozenset([token]) for token in range(70)]
    for one, other in tree.linkage[:, :2].astype(int).tolist():
        tokens.append(tokens[one] | tokens[other])
    for row in range(found.unresolved, 69):
        assert abs(tree.linkage[row, 2] - true[tokens[70 + row]]) < 1e-6
