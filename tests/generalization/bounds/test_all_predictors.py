"""The comparison of bounds for every predictor: rows are those of the bounds, and the reason says what they say."""

import json

import pytest

from fathometer.evidence import text_up
from fathometer.generalization import best_uniform, evaluate_bound
from fathometer.generalization.bounds._all_predictors import IN_A_BALL

KEYS = {"risk": 0.05, "lipschitz": 0.25, "radius": 0.5, "dim": 20, "m": 3000, "delta": 0.05}


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


def test_rows_are_the_bounds_themselves():
    rows = {row.bound: row for row in best_uniform(**KEYS).rows}
    assert set(rows) == {*IN_A_BALL, "w1_route_a"}
    for name in IN_A_BALL:
        assert rows[name].value == value(name, **KEYS)
    plain = {"risk": 0.05, "lipschitz": 0.25, "m": 3000, "delta": 0.05}
    assert rows["w1_route_a"].value == value("w1_route_a", **plain, distance=0.5)
    near = {row.bound: row for row in best_uniform(**KEYS, centre_risk=0.1, distance=0.25, feature_norm=2).rows}
    halved = {"m": 3000, "delta": 0.025}
    assert near["risk_transport"].value == value("risk_transport", risk=0.1, lipschitz=0.5, distance=0.25, **halved)
    assert near["covering"].value == value("covering", **KEYS | {"lipschitz": 0.5, "delta": 0.025})
    linear = value("rademacher_linear", risk=0.05, lipschitz=0.25, radius=0.5, feature_norm=2, **halved)
    assert near["rademacher_linear"].value == linear
    far = {row.bound: row for row in best_uniform(**KEYS, centre_risk=0.1).rows}
    assert far["risk_transport"].value == value("risk_transport", risk=0.1, lipschitz=0.25, distance=0.5, **halved)


def test_the_reason_names_the_largest_part_that_can_be_made_smaller():
    found = best_uniform(**KEYS)
    first, second = found.rows[:2]
    parts = {name: first.terms[name] for name in first.terms if name not in ("empirical_risk", "eps", "sigma")}
    largest = max(parts, key=lambda name: parts[name])
    assert largest != max(parts)
    assert found.reason.endswith(
        f"; {first.bound} {text_up(first.value, 4)} (largest part {largest} {parts[largest]:.4g}), "
        f"then {second.bound} {text_up(second.value, 4)}"
    )


@pytest.mark.parametrize(("radius", "finite"), [(1e10, 3), (1.05e26, 1), (1e50, 0)])
def test_candidates_that_overflow_come_last(radius, finite):
    found = best_uniform(**KEYS | {"lipschitz": 1e308, "radius": radius})
    assert (found.winner, found.value, found.delta) == (None, 1.0, 0.05)
    assert [row.value is None for row in found.rows] == [False] * finite + [True] * (6 - finite)
    if finite < 2:
        assert found.reason == "every candidate is vacuous; they overflow"
    json.dumps(found.to_json(), allow_nan=False)


def test_a_vacuous_comparison_keeps_its_rows_and_its_delta():
    found = best_uniform(**KEYS | {"m": 9, "lipschitz": 2}, centre_risk=0.9)
    assert (found.winner, found.value, found.delta) == (None, 1.0, 0.05)
    assert [row.value for row in found.rows] == sorted(row.value for row in found.rows)
    assert found.reason.startswith(f"every candidate is vacuous; {found.rows[0].bound} ")


@pytest.mark.parametrize("scale", [1, 0.5, 0.1, 0.01])
def test_the_comparison_is_never_above_a_candidate(scale):
    found = best_uniform(**KEYS | {"lipschitz": scale})
    assert all(found.value <= row.value for row in found.rows)
    assert [row.vacuous for row in found.rows] == [row.value >= 1 for row in found.rows]
