"""CSV files in every dialect: read as what they are, or refused with what was found."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.data import _csv, load_table
from fathometer.evidence import InputError

ROWS = [[0.5, -1.25, 3.0], [2.0, 0.125, -4.5]]

READ = {
    "plain": (b"a,b,y\n0.5,-1.25,3\n2,0.125,-4.5\n", ""),
    "no newline at the end": (b"a,b,y\n0.5,-1.25,3\n2,0.125,-4.5", ""),
    "carriage returns": (b"a,b,y\r\n0.5,-1.25,3\r\n2,0.125,-4.5\r\n", ""),
    "old Macintosh": (b"a,b,y\r0.5,-1.25,3\r2,0.125,-4.5\r", ""),
    "blank lines": (b"\na,b,y\n\n0.5,-1.25,3\n2,0.125,-4.5\n\n", ""),
    "UTF-8 with a mark": (b"\xef\xbb\xbfa,b,y\n0.5,-1.25,3\n2,0.125,-4.5\n", ""),
    "UTF-16": ("a,b,y\n0.5,-1.25,3\n2,0.125,-4.5\n".encode("utf-16"), ", encoded in UTF-16"),
    "UTF-16, big end first": (
        b"\xfe\xff" + "a,b,y\n0.5,-1.25,3\n2,0.125,-4.5\n".encode("utf-16-be"),
        ", encoded in UTF-16",
    ),
    "UTF-32": ("a,b,y\n0.5,-1.25,3\n2,0.125,-4.5\n".encode("utf-32"), ", encoded in UTF-32"),
    "quotes": (b'"a","b","y"\n"0.5","-1.25","3"\n"2","0.125","-4.5"\n', ""),
    "blanks in cells": (b"a,b,y\n 0.5, -1.25, 3\n2 ,0.125 ,-4.5\n", ""),
    "signs and powers": (b"a,b,y\n+0.5,-125e-2,3E0\n2.,.125,-4.5\n", ""),
    "semicolons": (b"a;b;y\n0.5;-1.25;3\n2;0.125;-4.5\n", ", separated by ';'"),
    "tabs": (b"a\tb\ty\n0.5\t-1.25\t3\n2\t0.125\t-4.5\n", ", separated by tab"),
    "bars": (b"a|b|y\n0.5|-1.25|3\n2|0.125|-4.5\n", ", separated by '|'"),
    "decimal commas": (b"a;b;y\n0,5;-1,25;3\n2;0,125;-4,5\n", ", separated by ';', with decimal commas"),
    "decimal commas, tabs": (b"a\tb\ty\n0,5\t-1,25\t3,0\n2,0\t,125\t-4,5\n", ", separated by tab, with decimal commas"),
    "the other delimiter in a name": (b'"a;b",b,y\n0.5,-1.25,3\n2,0.125,-4.5\n', ""),
    "the other delimiter in a bare name": (b"a;c,b,y\n0.5,-1.25,3\n2,0.125,-4.5\n", ""),
}


@pytest.mark.parametrize("case", READ)
def test_dialects_that_are_beyond_doubt_are_read_and_said(tmp_path, case):
    content, remark = READ[case]
    (tmp_path / "t.csv").write_bytes(content)
    table = load_table(str(tmp_path / "t.csv"), "y")
    np.testing.assert_array_equal(np.column_stack([table.features, table.target]), ROWS)
    assert table.source == f"{tmp_path / 't.csv'}{remark}"


REFUSED = {
    "Latin-1": (
        "grö,y\n1,2\n".encode("latin-1"),
        r"not a CSV table in UTF-8: byte 0xf6 in line 1, .* save it as UTF-8",
    ),
    "Latin-1 below": ("a,y\n1,2\né,2\n".encode("latin-1"), r"byte 0xe9 in line 3"),
    "UTF-16 without a mark": ("a,y\n1,2\n".encode("utf-16-le"), "has zero bytes, as UTF-16 and binary files do"),
    "half of UTF-16": ("a,y\n1,2\n".encode("utf-16")[:-1], "not a CSV table in UTF-16"),
    "a program": (b"\x7fELF\0\0\0\1", "zero bytes"),
    "a compressed file": (b"\x1f\x8b\x08\x08abc", "byte 0x8b in line 1"),
    "blank lines alone": (b"\n\n  \n", "is empty"),
    "numbers for names": (b"1,2,3\n4,5,6\n", "every column name in line 1 of .* is a number, the first '1'"),
    "decimal commas for names": (b"0,5;1,5\n2,5;3,5\n", "may be separated by ',' or by ';'"),
    "missing numbers for names": (b"nan,1e5,-inf\n4,5,6\n", "every column name in line 1 .* is a number"),
    "an index of pandas": (b",a,y\n0,1,2\n", "feature 1 of .* has no name but ''.*index=False"),
    "an index of pandas, read again": (b"Unnamed: 0,a,y\n0,1,2\n", "feature 1 of .* no name but 'Unnamed: 0'"),
    "a delimiter at the end": (b"a,y,\n1,2,3\n", "feature 2 of .* has no name .* delimiter at the end of the header"),
    "two names that are one": (b"a, a,y\n1,2,3\n", "column 'a' appears twice"),
    "a target with blanks": (b"a, y\n1,2\n", r"columns: a, ' y'; there is ' y': give it with the same blanks"),
    "a target in capitals": (b"a,Y\n1,2\n", r"columns: a, Y; there is 'Y'"),
    "blanks for delimiters": (
        b"a b y\n1 2 3\n",
        r"no column 'y' .* columns: a b y; a CSV file is parted by ',', ';', tab or '|'",
    ),
    "two delimiters": (b"a;b,y\n1;2,3\n", "may be separated by ',' or by ';': put names"),
    "a short row": (b"a,b,y\n1,2,3\n1,2\n", "not a CSV table separated by ',': Row #3: Expected 3 columns, got 2: 1,2"),
    "a long row": (b"a,y\n1,2,3\n", "Expected 2 columns, got 3"),
    "another delimiter below": (b"a,b,y\n1;2;3\n", "separated by ',': Row #2: Expected 3 columns, got 1"),
    "an open quote": (b'a,y\n"1,2\n', "not a CSV table"),
    "thousands": (b'a,y\n"1,000",2\n', "column 'a' .* '1,000' in row 1, which may have commas that part thousands"),
    "quoted decimal commas": (
        b'a,y\n"0,5",2\n',
        "column 'a' .* '0,5' in row 1, which may have a decimal comma: write a point",
    ),
    "commas in doubt": (
        b"a;y\n1,234;2\n",
        "cells such as '1,234', whose comma may be a decimal point or part thousands",
    ),
    "points beside decimal commas": (b"a;b;y\n0,5;1.234;1\n", r"column 'b' .* is not numeric: .* stored as text"),
    "a unit": (b"a,y\n5 m,2\n", "column 'a' .* is not numeric: '5 m' in row 1"),
    "a percentage": (b"a,y\n5,2\n5%,2\n", "column 'a' .* is not numeric: '5%' in row 2"),
    "thin blanks": ("a,y\n1\u202f000,2\n".encode(), "column 'a' .* is not numeric"),
    "a minus sign of print": ("a,y\n\u22121,2\n".encode(), "column 'a' .* is not numeric"),
    "dates": (b"a,y\n2024-01-01,2\n,3\n", r"column 'a' .* holds dates, times or durations \(date32\[day\]\)"),
    "moments": (b"a,y\n2024-01-01T00:00:00Z,2\n", "column 'a' .* holds dates, times"),
    "times of day": (b"a,y\n12:30,2\n", "column 'a' .* holds dates, times"),
    "dates as a target": (b"a,y\n1,2024-01-01\n", "column 'y' .* holds dates, times"),
    "an empty column": (b"a,y\n,1\n,2\n", "column 'a' .* has a missing or infinite value in row 1"),
    "an overflow": (b"a,y\n1,2\n1e400,2\n", "column 'a' .* has a missing or infinite value in row 2"),
    "too many digits": (b"a,y\n9007199254740993,2\n", "column 'a' .* has 9007199254740993 at index .* cannot hold"),
    "missing whole numbers": (b"a,y\n1,2\nNA,2\n3,4\n", "column 'a' .* missing or infinite value in row 2"),
    "missing truth": (b"a,y\ntrue,2\n,2\n", "column 'a' .* missing or infinite value in row 2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_files_are_refused_in_one_line_that_says_what_was_found(tmp_path, case):
    content, message = REFUSED[case]
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(InputError, match=message) as refusal:
        load_table(str(tmp_path / "t.csv"), "y")
    assert "\n" not in str(refusal.value)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)] * 3),
        min_size=2,
        max_size=6,
    ),
    st.sampled_from([(",", "."), (";", "."), ("\t", "."), ("|", "."), (";", ","), ("\t", ","), ("|", ",")]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_every_dialect_gives_the_same_numbers_or_a_refusal(tmp_path_factory, rows, marks, encoding, newline):
    """Never other numbers: the same table in any of the dialects is read digit for digit, or refused."""
    delimiter, point = marks
    lines = [delimiter.join("aby"), *(delimiter.join(repr(x).replace(".", point) for x in row) for row in rows)]
    path = tmp_path_factory.mktemp("dialect") / "t.csv"
    path.write_bytes(newline.join(lines).encode(encoding))
    try:
        table = load_table(str(path), "y")
    except InputError as refusal:
        message = str(refusal)
    else:
        message = ""
        np.testing.assert_array_equal(np.column_stack([table.features, table.target]), rows)
    assert not message or (point == "," and ("part thousands" in message or "not numeric" in message))


@pytest.mark.parametrize("block", [1, 2, 3, 5, 64])
def test_a_file_that_is_read_block_by_block_is_read_the_same(tmp_path, monkeypatch, block):
    """Also where a letter, a mark or the second line is cut in two."""
    monkeypatch.setattr(_csv, "BLOCK", block)
    for case in ("plain", "UTF-8 with a mark", "blank lines", "old Macintosh", "decimal commas, tabs"):
        test_dialects_that_are_beyond_doubt_are_read_and_said(tmp_path, case)
    (tmp_path / "t.csv").write_bytes("größe,y\n1,2\né,3\n".encode() + "é".encode("latin-1"))
    with pytest.raises(InputError, match="byte 0xe9 in line 4"):
        load_table(str(tmp_path / "t.csv"), "y")
    (tmp_path / "t.csv").write_bytes("größe,y\n1,2\n€".encode()[:-1])
    with pytest.raises(InputError, match="byte 0xe2 in line 3"):
        load_table(str(tmp_path / "t.csv"), "y")
