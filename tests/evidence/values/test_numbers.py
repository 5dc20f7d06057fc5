"""What is taken for a number: everything from outside comes through here."""

import datetime
from decimal import Decimal
from fractions import Fraction

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from hypothesis import given, strategies as st

from fathometer.evidence import InputError, finite_array, finite_number, label_array, real_array, whole_number

DAYS = pd.to_datetime(["2020-01-01", "2020-01-02"])
BIG = 2**53 + 1

REFUSED = {
    "complex": (np.array([1, 2j]), "complex numbers: give the real and the imaginary part"),
    "complex list": ([1, 2j], "complex numbers"),
    "complex object": (np.array([1, 2j], object), r"complex numbers at index \(1,\)"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), "dates or times: give numbers in a unit that you choose"),
    "NaT": (np.array(["NaT"], "M8[ns]"), "dates or times"),
    "date objects": ([datetime.date(2020, 1, 1), 1.0], r"dates or times at index \(0,\)"),
    "pandas NaT among numbers": ([1.0, pd.NaT], r"dates or times at index \(1,\)"),
    "dates with a zone": (pd.Series(DAYS.tz_localize("UTC")), "dates or times"),
    "durations": (np.array([1], "m8[s]"), "durations"),
    "durations in objects": (np.array([np.timedelta64(1, "ns"), 1.0], object), "durations"),
    "digits in text": (["1", "2"], "text"),
    "bytes": (np.array([b"1"]), "text"),
    "text beside numbers": (np.array([1, "2"], object), r"text at index \(1,\)"),
    "pandas text": (pd.Series(["1"], dtype="string"), "text"),
    "categories": (pd.Series([1, 2], dtype="category"), "categories"),
    "periods": (pd.Series(pd.period_range("2020", periods=2, freq="M")), "objects"),
    "records": (np.zeros(2, [("a", float)]), "records of several fields"),
    "raw bytes": (np.zeros(2, "V2"), "raw bytes"),
    "a mapping": ({"a": 1}, "objects"),
    "a generator": ((i for i in range(3)), "objects"),
    "unequal rows": ([[1], [1, 2]], "rows of unequal length"),
    "a sparse matrix": (scipy.sparse.csr_matrix(np.eye(2)), r"sparse matrix: give \.toarray\(\)"),
    "a sparse array": (scipy.sparse.csr_array(np.eye(2)), "sparse matrix"),
    "too many digits": (np.array([1, BIG]), rf"has {BIG} at index \(1,\), which float64 cannot hold"),
    "too many digits, unsigned": (np.array([2**64 - 1], np.uint64), "float64 cannot hold"),
    "too many digits, the largest": (np.array([2**63 - 1]), "float64 cannot hold"),
    "too many digits, object": ([10**30], "float64 cannot hold"),
    "too many digits, decimal": ([Decimal(BIG)], "float64 cannot hold"),
    "larger than a float": ([10**400], r"at index \(0,\) must be finite and below 1\.8e308"),
    "smaller than a float": ([Decimal("1e-400")], "float64 cannot hold"),
    "a large decimal": ([Decimal("1e400")], "must be finite, got inf"),
    "None": ([1, None], r"must be finite, got nan at index \(1,\)"),
    "None alone": (None, "must be finite, got nan"),
    "NaN alone": (np.nan, "must be finite, got nan"),
    "pandas NA": (pd.Series([1, None], dtype="Int64"), r"must be finite, got nan at index \(1,\)"),
    "a masked value": (np.ma.array([1, 2], mask=[0, 1]), r"must be finite, got nan at index \(1,\)"),
    "a masked value in a list": ([np.ma.masked, 1.0], r"must be finite, got nan at index \(0,\)"),
    "a masked row": ([np.ma.array([1, 2], mask=[0, 1]), np.ma.array([3, 4])], r"got nan at index \(0, 1\)"),
    "a column of dates": (pd.DataFrame({"a": DAYS, "b": [0.5, 1]}), "column 'a' of x .* dates or times"),
    "a column of categories": (pd.DataFrame({"a": pd.Categorical([1, 2]), "b": [0.5, 1]}), "column 'a' of x .* categ"),
    "a column of long integers": (pd.DataFrame({"a": [BIG, 1], "b": [0.5, 1]}), "column 'a' of x has"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_number_is_refused_in_one_line_with_the_remedy(case):
    values, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as refusal:
        finite_array("x", values)
    assert "\n" not in str(refusal.value)
    assert "x" in str(refusal.value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, False], [1, 0]),
        (np.array([True, 0.5], object), [1, 0.5]),
        (np.array([1.5], np.float16), [1.5]),
        (np.array([1.5], ml_dtypes.bfloat16), [1.5]),
        (np.array([0.5], np.longdouble), [0.5]),
        ([2**60, -(2**63)], [2.0**60, -(2.0**63)]),
        ([1700000000000000000], [1.7e18]),
        ([2**100], [2.0**100]),
        ([Decimal("0.1"), Fraction(1, 3)], [0.1, 1 / 3]),
        (np.ma.array([1, 2]), [1, 2]),
        (pd.Series([1, 2], dtype="Int64"), [1, 2]),
        (pd.DataFrame({"a": [1, 2], "b": [True, False]}), [[1, 1], [2, 0]]),
        (jnp.ones(2), [1, 1]),
        (np.array([], int), []),
        (np.array([0, 1, 2**60]), [0, 1, 2.0**60]),
        (np.array([0, 2**53]), [0, 2.0**53]),
        (range(3), [0, 1, 2]),
        (3, 3),
    ],
)
def test_real_numbers_of_every_kind_are_read(values, expected):
    found = finite_array("x", values)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


LONG = {"tiny": np.longdouble(10) ** -4000, "huge": np.longdouble(10) ** 4000}


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="long doubles are doubles here")
@pytest.mark.parametrize("name", LONG)
def test_long_doubles_out_of_range_are_refused(name):
    with pytest.raises(InputError, match=r"x has 1e[-+]4000 at index \(0,\), which is outside the range of float64"):
        finite_array("x", np.array([LONG[name]]))


@given(st.lists(st.integers(-(2**63), 2**64 - 1), min_size=1), st.booleans())
def test_whole_numbers_are_read_with_all_digits_or_refused(numbers, as_objects):
    signed = min(numbers) < 0
    if not as_objects and signed and max(numbers) >= 2**63:
        numbers = [number for number in numbers if number < 2**63]
    kind = object if as_objects else np.int64 if signed else np.uint64
    array = np.array(numbers, kind)
    held = all(int(float(number)) == number for number in numbers)
    if held:
        assert [int(x) for x in real_array("x", array)] == numbers
    else:
        with pytest.raises(InputError, match="cannot hold"):
            real_array("x", array)


@given(st.lists(st.floats() | st.none(), max_size=5))
def test_missing_numbers_become_nan_and_are_never_finite(values):
    array = real_array("x", np.array(values, object))
    assert [np.isnan(x) for x in array] == [value is None or np.isnan(value) for value in values]


@pytest.mark.parametrize("value", [np.complex128(1 + 1j), b"1", np.ma.masked, None, [1], np.timedelta64(5, "s"), 1j])
def test_single_values_that_are_no_number(value):
    for read in (lambda: finite_number("x", value), lambda: whole_number("x", value, at_least=0)):
        with pytest.raises(InputError, match="x must be a number, got"):
            read()


def test_large_whole_numbers_keep_their_digits():
    assert whole_number("x", BIG, at_least=0) == BIG
    assert whole_number("x", str(2**63 + 1), at_least=0) == 2**63 + 1
    with pytest.raises(InputError, match=rf"<= {2**53}, got {BIG}"):
        whole_number("x", BIG, at_least=0, at_most=2**53)
    with pytest.raises(InputError, match=r"below 1\.8e308 in size"):
        whole_number("x", 10**400, at_least=0)


@pytest.mark.parametrize(
    ("values", "row"),
    [
        (["a", ""], 2),
        (["a", None], 2),
        (np.array([None, 1], object), 1),
        (pd.Series(["a", None]), 2),
        (np.ma.array(["a", "b"], mask=[0, 1]), 2),
        (np.array(["2020"], "M8[ns]"), 1),
        ([1j], 1),
        ([b"a"], 1),
        ([{}], 1),
    ],
)
def test_missing_labels_and_other_objects_are_refused(values, row):
    with pytest.raises(InputError, match=rf"y has no label \(text, true/false or a number\) in row {row}"):
        label_array("y", values)


def test_labels_are_kept():
    assert label_array("y", pd.Series(["a", "b"], dtype="category")).tolist() == ["a", "b"]
    assert label_array("y", [BIG, 1]).tolist() == [BIG, 1]
    assert label_array("y", np.array([1, 2], object)).tolist() == [1, 2]
    with pytest.raises(InputError, match="missing or infinite value in row 1"):
        label_array("y", [np.inf, 1])
    with pytest.raises(InputError, match="labels of one kind"):
        label_array("y", np.array([1, "b"], object))


def test_missing_objects_of_pandas_are_nan():
    np.testing.assert_array_equal(real_array("x", np.array([1.0, pd.NA], object)), [1, np.nan])


def test_labels_keep_their_shape_and_kind():
    square = label_array("y", np.array([["a", "b"], ["c", "d"]], object))
    assert (square.tolist(), square.dtype.kind) == ([["a", "b"], ["c", "d"]], "U")
    assert label_array("y", np.array([[1, 2]], object)).tolist() == [[1, 2]]
    with pytest.raises(InputError, match=r"^y must be an array of numbers, got rows of unequal length$"):
        label_array("y", [[1], [1, 2]])
    with pytest.raises(InputError, match=r"^y has a missing or infinite value in row 2$"):
        label_array("y", np.ma.array([1, 2, 3], mask=[0, 1, 1]))
