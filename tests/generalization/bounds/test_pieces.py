"""What the bounds share, each piece by itself."""

import mpmath as mp
import numpy as np
import pytest

from fathometer.generalization.bounds._pieces import c_m, hoeffding, width_key
from fathometer.numerics import wide

NEAR = 1e-18 if np.finfo(np.longdouble).eps < 1e-18 else 1e-15


def test_a_width_may_be_left_out_and_is_positive():
    key = width_key("eps", "radius of the small ball")
    assert (key.name, key.required, key.default) == ("eps", False, None)
    assert key.allowed == "real > 0"
    assert key.description.startswith("radius of the small ball, fixed in advance; ")


def test_terms_keep_the_digits_of_the_wide_format():
    m, delta, kl = 12345, 0.0625, 7.5
    with mp.workdps(40):
        deviation = mp.sqrt(-mp.log(delta) / (2 * m))
        budget = (kl + mp.log(2 * mp.sqrt(m) / delta)) / m
    assert abs(mp.mpf(str(hoeffding(wide(m), -np.log(wide(delta))))) / deviation - 1) < NEAR
    assert abs(mp.mpf(str(c_m(wide(kl), wide(m), wide(delta)))) / budget - 1) < NEAR


@pytest.mark.parametrize("m", [1, 10, 1000])
def test_a_fourfold_sample_halves_the_deviation(m):
    assert hoeffding(wide(4 * m), wide(3)) == pytest.approx(hoeffding(wide(m), wide(3)) / 2, rel=1e-15)
