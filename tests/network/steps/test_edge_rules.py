"""Edges of stability against the matrices of the methods themselves."""

import math

import numpy as np
import pytest

from fathometer.evidence import Estimate, InputError, Status
from fathometer.network.steps import Edge, EdgeRule, Method, Side


def spectral_radius(rule: EdgeRule, step: float, eigenvalue: float) -> float:
    """Of one step of the method on eigenvalue x^2 / 2, as torch and optax write it."""
    b, c = rule.momentum, eigenvalue + rule.decay
    match rule.method:
        case Method.DESCENT:
            matrix = [[1 - step * c]]
        case Method.HEAVY_BALL:  # m' = b m + (1 - d) c x, x' = x - step m'
            a = (1 - rule.dampening) * c
            matrix = [[1 - step * a, -step * b], [a, b]]
        case Method.NESTEROV:  # m' = b m + c x, x' = x - step (c x + b m')
            matrix = [[1 - step * c * (1 + b), -step * b * b], [c, b]]
        case Method.ADAM:  # m' = b m + (1 - b) c x, x' = (1 - step w) x - step m'
            c, w = eigenvalue, rule.decay * (1 - b) / (1 + b)
            matrix = [[1 - step * w - step * (1 - b) * c, -step * b], [(1 - b) * c, b]]
        case Method.RMSPROP:
            matrix = [[1 - step * c, -step * b], [c, b]]
    return max(abs(np.linalg.eigvals(np.array(matrix))))


RULES = [
    EdgeRule.descent(),
    EdgeRule.heavy_ball(0.9),
    EdgeRule(Method.HEAVY_BALL, 0.9, dampening=0.5, decay=0.3),
    EdgeRule.nesterov(0.9),
    EdgeRule.nesterov(0.5),
    EdgeRule.rmsprop(),
    EdgeRule.rmsprop(0.9),
    EdgeRule.adam(),
    EdgeRule.adam(0.5),
    EdgeRule.adam(0.9, decoupled=0.05),
    EdgeRule.adam(0.5, decoupled=0.5),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.method}-{rule.momentum}-{rule.dampening}")
@pytest.mark.parametrize("step", [0.01, 1.0, 30.0])
def test_the_spectral_radius_passes_1_at_the_edge(rule, step):
    at = rule.factor / step - rule.decay
    if at > 0:
        assert spectral_radius(rule, step, at * 0.999) < 1 + 1e-12
        assert spectral_radius(rule, step, at * 1.001) > 1


def test_the_published_factors():
    assert EdgeRule.descent().factor == 2
    assert EdgeRule.heavy_ball(0.9).factor == pytest.approx(3.8)
    assert EdgeRule.nesterov(0.9).factor == pytest.approx(3.8 / 2.8)
    assert EdgeRule.adam(0.9).factor == pytest.approx(38)
    assert EdgeRule.heavy_ball(0.0).method is Method.DESCENT


@pytest.mark.parametrize(
    ("ends", "side", "status"),
    [
        ((18, 17, 19), Side.BELOW, Status.HOLDS),
        ((19, 18, 21), Side.AT, Status.UNDECIDED),
        ((22, 21, 23), Side.ABOVE, Status.VIOLATED),
    ],
)
def test_the_interval_decides_the_side(ends, side, status):
    edge = Edge(0.1, EdgeRule.descent(), Estimate.sampled(*ends, 0.999))
    assert edge.side is side
    assert edge.verdict().status is status
    assert edge.ratio.value == pytest.approx(ends[0] / 20)
    assert edge.largest_stable_step.lower == pytest.approx(2 / ends[2])
    assert f"{side} the edge" in str(edge)
    assert Edge.from_json(edge.to_json()) == edge


def test_weight_decay_counts():
    edge = Edge(0.1, EdgeRule(Method.DESCENT, decay=5.0), Estimate.exact(15.0))
    assert edge.ratio.value == 1
    assert edge.verdict().prediction.bound.value == 15


def test_nothing_that_curves_upward_allows_any_step():
    edge = Edge(0.1, EdgeRule.descent(), Estimate.exact(-1.0))
    assert edge.largest_stable_step.value == math.inf
    assert edge.side is Side.BELOW


@pytest.mark.parametrize("wrong", [{"momentum": 1.0}, {"momentum": -0.1}, {"dampening": 1.0}, {"decay": -1.0}])
def test_settings_that_cannot_be(wrong):
    with pytest.raises(InputError, match="must be"):
        EdgeRule(Method.HEAVY_BALL, **wrong)
