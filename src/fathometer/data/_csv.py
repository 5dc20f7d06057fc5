"""CSV files: which encoding, delimiter and decimal point they have, or why that cannot be said."""

import codecs
import csv
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path
from typing import Any

from fathometer.data.mixed._kernels import kernels
from fathometer.data.mixed._settled import MISSING
from fathometer.evidence import InputError

DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
"""By delimiter, how it is called."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Marks at the start of a file; that of UTF-32 starts as that of UTF-16 does."""

BLOCK = 1 << 20
"""Bytes or letters that are read at once."""

BLANK = r"^\s*(|NA|N/A|NaN|nan|null|NULL)\s*$"
DECIMAL_COMMA = r"^\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*$"
THOUSANDS = r"^\s*[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*$"
"""Cells as text: missing; with a decimal comma; with a comma that may part thousands."""


def read_csv(path: Path, mixed: bool = False, text: Collection[str] = ()) -> tuple[Any, str]:
    """Read a CSV file with a header line, whatever its delimiter and encoding, if they are beyond doubt.

    Args:
        path: the file; in UTF-8 it is never held as a whole in Python.
        mixed: whether cells of text such as NA and ? are missing values.
        text: names of columns that are kept as text.

    Returns:
        An Arrow table, and what is unusual about the file: empty for UTF-8, commas and decimal points.

    Raises:
        InputError: if it is not text or no table, its delimiter or decimal point cannot be told, or its first line has
            numbers in the place of names.
    """
    encoding, start, content = _opened(path)
    lines = [line for line in start.splitlines() if line.strip()][:2]
    if not lines:
        raise InputError(f"{path} is empty")
    delimiter = _delimiter(path, lines)
    _require_names(path, next(csv.reader(lines[:1], delimiter=delimiter)))
    table = _parsed(path, content(), delimiter, ".", mixed, text)
    commas = delimiter != "," and _has_decimal_commas(path, table)
    table = _parsed(path, content(), delimiter, ",", mixed, text) if commas else table
    words = (
        f"encoded in {encoding.upper()}" if encoding not in ("utf-8", "utf-8-sig") else "",
        f"separated by {DELIMITERS[delimiter]}" if delimiter != "," else "",
        "with decimal commas" if commas else "",
    )
    return table, ", ".join(word for word in words if word)


def _opened(path: Path) -> tuple[str, str, Callable[[], Any]]:
    """The encoding, text from the start that has two lines if there are two, and what opens the content in UTF-8.

    Raises:
        InputError: if it is in an encoding that nothing in the file says.
    """
    import pyarrow as pa

    with path.open("rb") as file:
        head = file.read(4096)
    encoding = next((name for mark, name in BOMS if head.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in head:
        raise InputError(
            f"{path} is not a CSV table: it has zero bytes, as UTF-16 and binary files do; save it as UTF-8"
        )
    if encoding.startswith("utf-8"):
        _require_utf8(path)
        return encoding, _start(path, encoding), lambda: pa.OSFile(str(path))
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(_undecodable(path, encoding, error, line)) from error
    return encoding, text, lambda: pa.BufferReader(text.encode())


def _require_utf8(path: Path) -> None:
    """Refuse a file with bytes that are not UTF-8; it is read block by block.

    Raises:
        InputError: if there is one; its line is named.
    """
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                raise InputError(_undecodable(path, "utf-8", error, line)) from error
            line += block.count(b"\n")
            if not block:
                return


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError, line: int) -> str:
    byte = error.object[error.start]
    return (
        f"{path} is not a CSV table in {encoding.upper()}: byte 0x{byte:02x} in line {line}, as in Latin-1; save it as"
        " UTF-8"
    )


def _start(path: Path, encoding: str) -> str:
    """Text from the start of a file up to the end of its second line that is not blank, at least."""
    text = ""
    with path.open(encoding=encoding, newline="") as file:
        while block := file.read(BLOCK):
            text += block
            if sum(bool(line.strip()) for line in islice(text.splitlines(), 3)) > 2:
                break
    return text


def _delimiter(path: Path, lines: list[str]) -> str:
    """The delimiter that parts the header and the first row into equally many cells.

    Raises:
        InputError: if two do.
    """
    try:
        widths = {mark: [len(row) for row in csv.reader(lines, delimiter=mark)] for mark in DELIMITERS}
    except csv.Error as error:
        raise InputError(f"{path} is not a CSV table: {error}") from error
    parting = [mark for mark, width in widths.items() if width[0] > 1] or [","]
    equal = [mark for mark in parting if len(set(widths[mark])) == 1] or parting[:1]
    if len(equal) > 1:
        raise InputError(
            f"{path} may be separated by {DELIMITERS[equal[0]]} or by {DELIMITERS[equal[1]]}: put names that contain"
            " the other one in quotes"
        )
    return equal[0]


def _require_names(path: Path, names: list[str]) -> None:
    """Refuse a file whose first line is a row of numbers.

    Raises:
        InputError: if every name is a number.
    """
    given = [name for name in names if name.strip()]
    if given and all(is_number(name.replace(",", ".", 1)) for name in given):
        raise InputError(
            f"every column name in line 1 of {path} is a number, the first {given[0]!r}: add a header line with names"
            " that are none"
        )


def is_number(text: str) -> bool:
    """Whether a cell is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parsed(path: Path, content: Any, delimiter: str, point: str, mixed: bool, text: Collection[str]) -> Any:
    """The table.

    Raises:
        InputError: if rows differ in length, or it is no table for another reason.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    missing = {"null_values": MISSING, "strings_can_be_null": True} if mixed else {}
    kinds = dict.fromkeys(text, pa.string())
    try:
        return arrow_csv.read_csv(
            content,
            read_options=arrow_csv.ReadOptions(use_threads=False),  # a thread that reads ahead may abort a refusal
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(decimal_point=point, **missing, column_types=kinds),
        )
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0].removeprefix("CSV parse error: ")
        raise InputError(f"{path} is not a CSV table separated by {DELIMITERS[delimiter]}: {reason}") from error


def _has_decimal_commas(path: Path, table: Any) -> bool:
    """Whether commas stand for decimal points.

    Raises:
        InputError: if they may as well part thousands.
    """
    from pyarrow import types

    texts = [column.drop_null() for column in table.columns if types.is_string(column.type)]
    filled = [
        column.filter(kernels().invert(kernels().match_substring_regex(column, BLANK)))
        for column in texts
        if len(column)
    ]
    commas = [column for column in filled if len(column) and _all_match(column, DECIMAL_COMMA)]
    doubtful = [column[0].as_py() for column in commas if _all_match(column, THOUSANDS)]
    if commas and len(doubtful) == len(commas):
        raise InputError(
            f"{path} has cells such as {doubtful[0]!r}, whose comma may be a decimal point or part thousands: write"
            " a point, or no comma"
        )
    return bool(commas)


def _all_match(column: Any, pattern: str) -> bool:
    return bool(kernels().all(kernels().match_substring_regex(column, pattern)).as_py())
