import numpy as np
import pytest

from fathometer.attention import configuration_energy, configuration_points, universal_configuration
from fathometer.attention.dynamics.minimal_energy._search import clouds
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.theorems.energy import energy_lower_bound, universal_optimality
from fathometer.attention.theorems.energy._examples import run_of_attracting
from fathometer.evidence import Axis, AxisKind, Estimate, Status

THEOREMS = [energy_lower_bound.THEOREM, universal_optimality.THEOREM]
BOTH = pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.id)


@pytest.mark.slow
@BOTH
def test_attracting_tokens_leave_the_bound_far_behind(theorem):
    """Negative control: the start from which repelling tokens descend to the bound."""
    verdict = theorem.test(run_of_attracting())
    assert verdict.status is Status.HOLDS
    energy = np.asarray(verdict.measured.value)
    assert np.all(np.diff(energy) > 0)
    assert energy[-1] > 3 * float(configuration_energy(universal_configuration(12, 3), 4.0).value)


@BOTH
@pytest.mark.parametrize("size", [(5, 2), (4, 3), (6, 3), (12, 3), (16, 5)])
def test_the_configuration_itself_is_not_below_it(theorem, size):
    points = configuration_points(universal_configuration(*size))
    run = clouds(MinimalEnergy(*size, 2.0), points[None], Axis(AxisKind.DRAW, np.zeros(1)))
    assert theorem.test(run).status in (Status.HOLDS, Status.UNDECIDED)
    assert universal_optimality.THEOREM.test(run).status is Status.HOLDS


@BOTH
def test_a_cloud_below_the_bound_would_be_seen(theorem):
    """An energy that twelve tokens cannot have."""
    problem = MinimalEnergy(12, 3, 4.0)
    assert theorem.judge(problem, Estimate.exact(0.1302)).status is Status.VIOLATED


@BOTH
def test_a_negative_temperature_is_inapplicable(theorem):
    verdict = theorem.judge(MinimalEnergy(4, 3, -1.0), Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert "beta >= 0" in verdict.explanation
