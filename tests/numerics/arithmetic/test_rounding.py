from fractions import Fraction

import numpy as np
from hypothesis import given, strategies as st

from fathometer.numerics import round_down, round_up, wide

finite = st.floats(-1e300, 1e300)


def exact(number) -> Fraction:
    """The exact value of a long double, as the sum of its float64 parts."""
    head = float(number)
    return Fraction(head) + Fraction(float(number - wide(head)))


@given(finite, st.floats(-1, 1))
def test_rounding_goes_outward_and_not_far(head, tail):
    number = wide(head) * (1 + wide(tail) * 2.0**-54)
    up, down = round_up(number), round_down(number)
    assert Fraction(float(down)) <= exact(number) <= Fraction(float(up))
    assert up <= np.nextafter(np.nextafter(down, np.inf), np.inf) or head == 0 or abs(head) < 1e-290


def test_the_slack_covers_the_error_of_the_formula():
    assert 1 < round_up(wide(1)) <= 1 + 64 * max(np.finfo(np.longdouble).eps, np.finfo(float).eps / 64)
    assert round_up(wide(1), slack=0) == 1
    assert round_up(wide(1), slack=2.0**-50) == 1 + 2.0**-50


def test_zero_and_infinity_stay():
    np.testing.assert_array_equal(round_up(wide([0, np.inf])), [0, np.inf])
    assert not np.signbit(round_down(wide(0)))


def test_arrays_round_like_their_entries():
    numbers = wide([0.1, 0.2, 0.3]) / 3
    np.testing.assert_array_equal(round_up(numbers), [round_up(x) for x in numbers])
    assert round_up(numbers).dtype == np.float64
