"""Whatever integrates a differential equation has twins: a new integrator without them fails here."""

import re
from pathlib import Path

import numpy as np
import pytest

import fathometer
from fathometer.attention import Model, ParticleSystem, collapse_trajectory, simulate, simulate_collapse
from fathometer.attention.dynamics.large import simulate_large
from fathometer.attention.dynamics.shared import Ring, simulate_shared
from fathometer.attention.dynamics.variants import (
    MeanFieldCircle,
    NoisyEnsemble,
    NoisySystem,
    Variant,
    ZonalLaw,
    evolve_density,
    evolve_zonal,
    order_parameter,
    simulate_ensemble,
    simulate_noisy,
    simulate_variant,
)
from fathometer.attention.dynamics.weights import RandomValues, simulate_random_values
from fathometer.deep_linear import DeepLinear, Regression, balanced_flow, flow
from fathometer.evidence import Kind

SYSTEM = ParticleSystem.uniform(5, 3, 4.0, Model.SA, seed=2)
TIMES = np.array([0.0, 0.5, 2.0])
LAW = MeanFieldCircle(1 + 0.3 * np.cos(2 * np.pi * np.arange(32) / 32), 1.0, 5.0, Model.USA)
NETWORK = DeepLinear(Regression(np.diag([1.0, 0.5]), np.array([1.0, -0.5])), 2)
WEIGHTS = [np.array([[0.3, 0.1], [0.0, 0.2]]), np.array([[0.4, 0.1]])]
INTEGRATES = re.compile(r"\b(diffeqsolve|solve_ivp|(scipy_)?solve_(at|to|until))\(")
RUNS = {
    "plain": lambda: simulate(SYSTEM, TIMES),
    "collapse": lambda: collapse_trajectory(SYSTEM, simulate_collapse(SYSTEM)),
    "large": lambda: simulate_large(SYSTEM, TIMES),
    "shared": lambda: simulate_shared(SYSTEM, TIMES, Ring.of(1)),
    "causal": lambda: simulate_variant(Variant(SYSTEM, causal=True), TIMES),
    "noisy": lambda: simulate_noisy(NoisySystem(SYSTEM, 20.0), TIMES, seed=0),
    "ensemble": lambda: simulate_ensemble(NoisyEnsemble(3, 5, 1.0, np.ones(2), Model.SA, np.zeros(2)), TIMES, seed=0),
    "zonal": lambda: evolve_zonal(ZonalLaw.tilted(3, 1.0, 5.0, Model.USA, 1.0, 32), TIMES),
    "weights": lambda: simulate_variant(Variant(SYSTEM, value=-np.eye(3)), TIMES),
    "random values": lambda: simulate_random_values(RandomValues(SYSTEM, 0.1), TIMES, seed=0),
    "mean field": lambda: evolve_density(LAW, TIMES),
    "flow": lambda: flow(NETWORK, WEIGHTS, [0.0, 0.5, 1.0]),
    "balanced": lambda: balanced_flow(NETWORK, [0.1, 0.1], [0.0, 0.5, 1.0]),
}

COMPILE_LONG = {"shared", "noisy", "ensemble", "flow", "balanced"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in COMPILE_LONG else []) for name in RUNS]
)
def test_an_integrated_run_has_twins_and_nothing_observed_is_exact(name):
    run = RUNS[name]()
    assert run.twins
    for one in run.observed:
        assert run.measure(lambda way, one=one: way.observed[one]).kind is not Kind.EXACT
    if name in ("mean field", "zonal"):
        assert order_parameter(run).kind is Kind.HEURISTIC


def test_every_file_that_integrates_and_makes_a_trajectory_makes_twins():
    for path in Path(fathometer.__file__).parent.rglob("*.py"):
        text = path.read_text()
        if INTEGRATES.search(text) and re.search(r"\b(Trajectory|assemble)\(", text):
            assert re.search(r"in_three_ways|with_twins|\.checked\(", text), path
