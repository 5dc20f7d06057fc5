import numpy as np
import pytest

from fathometer.evidence import InputError, finite_array, finite_number, whole_number


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: finite_array("x", [1.0, np.nan]), r"x must be finite, got nan at index \(1,\)"),
        (lambda: finite_array("x", ["a"]), "x must be an array of numbers"),
        (lambda: finite_array("x", [1.0], ndim=2), r"x must have 2 dimension\(s\), got shape \(1,\)"),
        (lambda: finite_number("x", "a"), "x must be a number, got 'a'"),
        (lambda: finite_number("x", np.inf), "x must be finite, got inf"),
        (lambda: finite_number("x", 0, above=0, at_most=1), "x must be > 0 and <= 1, got 0"),
        (lambda: finite_number("x", np.nan, at_least=0), "x must be finite and >= 0, got nan"),
        (lambda: whole_number("x", 1.5, at_least=0), "x must be a whole number, got 1.5"),
        (lambda: whole_number("x", 0, at_least=1), "x must be >= 1, got 0"),
        (lambda: whole_number("x", 9, at_least=1, at_most=3), "x must be >= 1 and <= 3, got 9"),
        (lambda: whole_number("x", 3.5, at_least=1, at_most=3), "x must be >= 1 and <= 3, got 3.5"),
        (lambda: finite_number("x", 1, above=1), "^x must be > 1, got 1$"),
        (lambda: finite_number("x", 1, below=1), "^x must be < 1, got 1$"),
        (lambda: finite_number("x", 2, above=0, below=1), "^x must be > 0 and < 1, got 2$"),
        (lambda: finite_number("x", -np.inf), "^x must be finite, got -inf$"),
        (lambda: finite_array("x", [[1.0, -np.inf]]), r"^x must be finite, got -inf at index \(0, 1\)$"),
        (lambda: finite_number("x", 10**400), "^x must be finite and below 1.8e308 in size, got a larger number$"),
    ],
)
def test_messages_name_the_value_and_what_is_allowed(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_good_values_pass():
    assert finite_number("x", "0.5", above=0) == 0.5
    assert whole_number("x", 3.0, at_least=1) == 3
    assert whole_number("x", "3.0", at_least=3, at_most=3) == 3
    assert finite_number("x", 1, at_least=1, at_most=1) == 1
    array = finite_array("x", [[1, 2]], ndim=2)
    assert array.dtype == np.float64
    assert not array.flags.writeable
