"""What computations hand over."""

import math

import pytest

from fathometer.computations._values import file_of, number, table_file, worst
from fathometer.evidence import Estimate, InputError, Status, Verdict


@pytest.mark.parametrize(
    ("given", "expected"),
    [(1, 1.0), (0.5, 0.5), (math.inf, None), (math.nan, None), (None, None), (Estimate.exact(2.0), 2.0),
     (Estimate.exact(math.nan), None), (True, 1.0)],
)  # fmt: skip
def test_numbers(given, expected):
    assert number(given) == expected


def verdict(theorem: str, status: Status, margin: float | None = None) -> Verdict:
    return Verdict(status, margin, "", theorem, measured=Estimate.exact(1.0))


def test_the_worst_case_of_a_theorem_is_kept():
    cases = [
        verdict("a", Status.HOLDS, 2.0),
        verdict("a", Status.HOLDS, 1.0),
        verdict("a", Status.INAPPLICABLE, -5.0),
        verdict("b", Status.HOLDS, 1.0),
        verdict("b", Status.VIOLATED, -1.0),
        verdict("b", Status.UNDECIDED, -9.0),
        verdict("c", Status.INAPPLICABLE),
    ]
    kept = worst(cases)
    assert [(one.theorem, one.status, one.margin) for one in kept] == [
        ("a", Status.HOLDS, 1.0),
        ("b", Status.VIOLATED, -1.0),
        ("c", Status.INAPPLICABLE, None),
    ]
    assert worst(reversed(cases)) != ()
    assert all(one.measured is None for one in kept)


def test_tables(tmp_path):
    (tmp_path / "b.csv").write_text("a,y\n")
    assert table_file("sklearn:iris", tmp_path) is None
    assert table_file("b.csv", tmp_path).value == file_of("b.csv", tmp_path).value == str(tmp_path / "b.csv")
    with pytest.raises(InputError, match="data must be a file or sklearn:NAME in a study, got 'mnist:here'"):
        table_file("mnist:here", tmp_path)
