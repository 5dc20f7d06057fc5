"""What the theorems say about a run."""

import pytest

from fathometer.attention import ParticleSystem, applicable_verdicts, run_verdicts, simulate
from fathometer.evidence import Status


@pytest.mark.slow
def test_theorems_on_other_clouds_are_left_out():
    run = simulate(ParticleSystem.uniform(6, 3, 4.0, "sa", seed=3), [0.0, 0.5, 1.0])
    told, kept = run_verdicts(run), applicable_verdicts(run)
    assert Status.INAPPLICABLE in {verdict.status for verdict in told}
    assert kept == [verdict for verdict in told if verdict.status is not Status.INAPPLICABLE]
    assert "energy_increases" in {verdict.theorem for verdict in kept if verdict.status is Status.HOLDS}


@pytest.mark.slow
def test_nothing_is_said_of_a_single_state():
    assert run_verdicts(simulate(ParticleSystem.uniform(6, 3, 4.0, "sa", seed=3), [0.0])) == []
