import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
import pytest
from numpy.testing import assert_allclose

from fathometer.evidence import InputError
from fathometer.numerics import scipy_solve_at, scipy_solve_until, solve_at, solve_to, step_control

TIMES = np.array([0.0, 0.5, 2.0])


@jax.jit
def decay(times, rate, local):
    """From 1 and 2 at this rate: at the times, landing on them, and until the first is 1/2."""

    def field(t, y, rate):
        return -rate * y

    control, start = step_control(local), jnp.array([1.0, 2.0])
    common = {"most_steps": 1000, "data": rate}
    event = diffrax.Event(lambda t, y, args, **_: y[0] - 0.5, optimistix.Newton(1e-12, 1e-12))
    return (
        solve_at(times, field, start, control, lands=True, **common),
        solve_at(times, field, start, control, save=lambda t, y, args: jnp.sum(y), **common),
        solve_to(jnp.asarray(jnp.inf), field, start, control, event=event, **common),
        solve_at(times, field, start, control, most_steps=1, data=rate),
    )


@pytest.mark.slow
def test_compiled_solutions_are_exponentials_at_the_times_and_at_the_event():
    at, sums, until, short = decay(TIMES, 2.0, 1e-10)
    exact = np.exp(-2.0 * TIMES)
    assert at.done
    assert sums.done
    assert until.done
    assert_allclose(at.states, np.outer(exact, [1.0, 2.0]), rtol=1e-8)
    assert_allclose(sums.states, 3 * exact, rtol=1e-6)
    assert_allclose(until.times[0], np.log(2.0) / 2, rtol=1e-8)
    assert_allclose(until.states[0], [0.5, 1.0], rtol=1e-8)
    assert int(at.steps) > 3
    assert not short.done
    assert float(short.reached) < 2.0


@pytest.mark.parametrize("method", ["LSODA", "DOP853"])
def test_scipys_solutions_are_exponentials_of_any_shape(method):
    start = np.array([[1.0, 2.0]])
    states = scipy_solve_at(TIMES, lambda t, y: -2 * y, start, 1e-10, method=method)
    assert_allclose(states, np.exp(-2.0 * TIMES)[:, None, None] * start, rtol=1e-7)
    assert scipy_solve_at(TIMES[:1], lambda t, y: -2 * y, start, 1e-10, method=method).tolist() == [start.tolist()]
    time, state = scipy_solve_until(lambda t, y: y[0, 0] - 0.5, lambda t, y: -2 * y, start, 1e-10, latest=5.0)
    assert_allclose(time, np.log(2.0) / 2, rtol=1e-8)
    assert_allclose(state, [[0.5, 1.0]], rtol=1e-7)


def test_what_does_not_arrive_is_refused():
    with pytest.raises(InputError, match="times must end before 2: "), np.errstate(all="ignore"):
        scipy_solve_at(TIMES, lambda t, y: y**2, np.ones(1), 1e-10, method="DOP853")
    with pytest.raises(InputError, match="nothing ended the integration until 1: "):
        scipy_solve_until(lambda t, y: float(y[0]) + 1, lambda t, y: -y, np.ones(1), 1e-8, latest=1.0)
