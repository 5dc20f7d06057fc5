import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import measure_two_token_time, two_cluster_log_time
from fathometer.attention.dynamics import _two_tokens as implementation
from fathometer.evidence import InputError, Kind


@pytest.mark.parametrize("model", ["sa", "usa"])
@pytest.mark.parametrize("beta", [0.0, 1.0, 9.0, 25.0])
@pytest.mark.parametrize("masses", [(0.5, 0.5), (0.75, 0.25)])
def test_measured_times_meet_the_closed_form(model, beta, masses):
    for gap, end in ((1.0, 1e-3), (np.pi / 2, 0.1), (2.5, 2.0)):
        expected = np.exp(two_cluster_log_time(gap, end, beta, masses, model).value)
        found = measure_two_token_time(gap, end, beta, model, masses=masses)
        assert found.kind is Kind.HEURISTIC
        assert_allclose(found.value, expected, rtol=1e-8)
        assert found.lower <= expected <= found.upper


def test_the_error_bars_follow_the_tolerance():
    expected = np.exp(two_cluster_log_time(1.0, 1e-3, 1.0, (0.5, 0.5), "sa").value)
    errors = []
    for tolerance in (1e-7, 1e-9, 1e-11):
        found = measure_two_token_time(1.0, 1e-3, 1.0, "sa", tolerance)
        assert found.lower <= expected <= found.upper
        errors.append(abs(found.value - expected))
    assert errors[2] < errors[0] / 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.pi, 0.1, 1.0, "sa"), "gap must be > 0 and < 3.14"),
        ((1.0, 2.0, 1.0, "sa"), "gap_end must be > 0 and < 1"),
        ((1.0, 0.1, -1.0, "sa"), "beta must be >= 0"),
        ((1.0, 0.1, 1.0, "x"), "model must be one of"),
        ((1.0, 0.1, 1.0, "sa", 1.0), "tolerance must be"),
        ((1.0, 0.1, 1.0, "sa", 1e-8, (1.0, -1.0)), "masses must be positive"),
    ],
)
def test_gaps_betas_and_masses_out_of_range_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        measure_two_token_time(*arguments)


@pytest.mark.slow
def test_times_out_of_reach_are_an_error(monkeypatch):
    monkeypatch.setattr(implementation, "MAX_STEPS", 10)
    implementation._meet.clear_cache()
    with pytest.raises(InputError, match=r"the gap did not fall to 0.001 within 10 steps"):
        measure_two_token_time(1.0, 1e-3, 4.0, "sa")
    implementation._meet.clear_cache()
