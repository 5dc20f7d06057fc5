"""What is printed of a bound is a bound: read back, it is on the safe side and within one unit of its last digit."""

import ast
import math
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

import fathometer
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Estimate,
    Within,
    WithProbability,
    judge,
    text_confidence,
    text_down,
    text_ends,
    text_inward,
    text_near,
    text_up,
)

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
DIGITS = st.integers(1, 17)


def unit(text: str, digits: int) -> Decimal:
    """One unit of the last of so many significant digits of what is written; 0 for what is written as 0."""
    value = Decimal(text)
    return Decimal(1).scaleb(value.adjusted() - digits + 1) if value else Decimal(0)


@given(NUMBERS, DIGITS)
@example(0.1644761778363172, 6)
@example(5e-324, 6)
@example(1.7976931348623157e308, 3)
@example(0.9999999, 6)
def test_what_is_read_back_is_on_the_safe_side_and_near(number, digits):
    exact = Decimal(repr(number))
    up, down, inward, near = (f(number, digits) for f in (text_up, text_down, text_inward, text_near))
    assert float(up) >= number >= float(down)
    assert abs(float(inward)) <= abs(number)
    assert Decimal(down) <= Decimal(near) <= Decimal(up)
    for text in (up, down, inward, near):
        assert abs(Decimal(text) - exact) <= max(unit(text, digits), unit(repr(number), digits))
        assert len(Decimal(text).normalize().as_tuple().digits) <= digits


@given(st.floats(0, 1), DIGITS)
def test_a_probability_stays_one(risk, digits):
    assert 0 <= float(text_up(risk, digits)) <= 1


@given(st.integers(-10_000, 10_000), st.integers(0, 3))
def test_short_numbers_are_written_as_they_are(count, places):
    number = float(f"{count}e-{places}")
    assert {text_up(number), text_down(number), text_near(number)} == {f"{number:.6g}".replace("-0", "-0")}


@given(st.floats(min_value=5e-324, max_value=1, exclude_max=True))
@example(1e-8)
@example(1e-300)
@example(0.05)
@example(1 / 3)
def test_a_confidence_is_not_rounded_up_and_never_1(delta):
    text = text_confidence(delta)
    first, *rest = (Decimal(part) for part in text.split(" - "))
    assert 0 <= first - sum(rest) <= 1 - Decimal(repr(delta)) < 1 or rest
    assert sum(rest) >= Decimal(repr(delta)) if rest else first <= 1 - Decimal(repr(delta))


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (lambda: text_up(0.1644761778363172), "0.164477"),
        (lambda: text_down(0.1644761778363172), "0.164476"),
        (lambda: text_up(0.1644761778363172, 5), "0.16448"),
        (lambda: text_up(math.inf), "inf"),
        (lambda: text_near(math.nan), "nan"),
        (lambda: text_up(-0.0), "0"),
        (lambda: text_up(np.float64(1e6)), "1e+06"),
        (lambda: text_inward(-0.12345, 3), "-0.123"),
        (lambda: text_ends(0.16447617, 0.16447619), "[0.164476, 0.164477]"),
        (lambda: text_ends(0.5, math.inf), "[0.5, inf]"),
        (lambda: text_confidence(0.05), "0.95"),
        (lambda: text_confidence(1e-8), "0.99999999"),
        (lambda: text_confidence(0.9999999), "1e-07"),
        (lambda: text_confidence(1e-300), "1 - 1e-300"),
        (lambda: text_confidence(0.0123456789012345), "1 - 0.0124"),
        (lambda: text_inward(0.1234567), "0.123456"),
        (lambda: text_inward(-0.1234567), "-0.123456"),
        (lambda: text_near(0.1234567), "0.123457"),
        (lambda: text_near(123456.7), "123457"),
        (lambda: text_near(1234567.0), "1.23457e+06"),
        (lambda: text_near(0.0001234), "0.0001234"),
        (lambda: text_near(0.00001234), "1.234e-05"),
        (lambda: text_down(-math.inf), "-inf"),
        (lambda: text_ends(1.23456789, 2.3456789, 3), "[1.23, 2.35]"),
        (lambda: text_ends(1.23456789, 2.3456789), "[1.23456, 2.34568]"),
        (lambda: text_confidence(0.0), "1"),
        (lambda: text_confidence(1.0), "0"),
        (lambda: text_confidence(0.5), "0.5"),
        (lambda: text_confidence(0.87654321), "0.123456"),
        (lambda: text_confidence(1e-12), "0.999999999999"),
        (lambda: text_confidence(1e-13), "1 - 1e-13"),
        (lambda: text_confidence(1.23456789e-9), "1 - 1.24e-09"),
    ],
)
def test_numbers_are_written_as_in_the_table(text, right):
    assert text() == right


@given(NUMBERS, st.floats(0, 1e300), st.floats(0, 1e300))
def test_an_estimate_is_written_inside_an_interval_that_is_no_narrower(value, below, above):
    estimate = Estimate.enclosed(value, value - below, value + above)
    numbers = [float(part) for part in re.split(r"[ \[\],]+", str(estimate)) if part]
    if len(numbers) == 3:
        middle, lower, upper = numbers
        assert lower <= middle <= upper
        assert lower <= estimate.lower
        assert estimate.upper <= upper


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1e-300, 0.5))
def test_a_sentence_prints_bounds_to_the_safe_side(measured, bound, delta):
    at_most = judge(AtMost(bound), Estimate.exact(measured)).explanation
    assert float(re.search(r"at most (\S+)", at_most)[1]) >= bound
    at_least = judge(AtLeast(bound), Estimate.exact(measured)).explanation
    assert "predicted positive" in at_least or float(re.search(r"at least (\S+)", at_least)[1]) <= bound
    within = judge(Within(min(bound, measured), bound), Estimate.exact(measured)).explanation
    low, high = re.search(r"between (\S+) and (\S+)", within).groups()
    assert float(low) <= min(bound, measured) <= bound <= float(high.rstrip(","))
    probably = judge(WithProbability(AtMost(bound), delta), Estimate.exact(measured)).explanation
    assert not re.search(r"probability at least 1(\.0*)?($|[^.\d ])", probably)


ENDS = re.compile(
    r"\b(lower|upper|bound|bounds|ends|margin|slack|delta|delta_\w+|certificate|tolerance|error|value_or_bound)\b"
    r"|\b(low|high|certified|log_plateau|log_exit_time|log_tight_time|beta_exp|beta_meta|in_time)\b"
    r"|\b(s_min|s_balanced|s_lower_paper|s_upper_paper|largest_stable_step|paper_step|ledger)\b"
    r"|\b(row|line|found)\.value\b|\b(self|found)\.rate\b|\blimits\.late\b"
)
REPEATED = "_recheck.py"  # says what a file holds, and bounds nothing
SOURCES = sorted(path for path in Path(fathometer.__file__).parent.rglob("*.py") if path.name != REPEATED)


def raw_formats(path: Path) -> list[str]:
    """Formats such as `:.6g` of what is called like a bound, outside messages that repeat an input."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    raised = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Raise) for inner in ast.walk(node)}
    return [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None and id(node) not in raised
        if re.search(r"[gfe%]'$", ast.unparse(node.format_spec)) and ENDS.search(ast.unparse(node.value))
    ]


def test_no_bound_is_formatted_outside_the_formatter():
    assert [found for path in SOURCES for found in raw_formats(path)] == []


def test_no_page_formats_numbers_itself():
    pages = sorted(Path(fathometer.__file__).parent.rglob("*.html"))
    assert pages
    assert not [page.name for page in pages if re.search(r"%[.\d]*[gfe]|\| *round", page.read_text(encoding="utf-8"))]


def test_the_scan_sees_what_it_looks_for(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text('def f(row, delta):\n    return f"{row.value:.5f} with probability {1 - delta:g}"\n')
    assert len(raw_formats(bad)) == 2
