"""Docstrings as reStructuredText: they are plain text in which only `names` stand out, and formulae are not markup."""

import re
from collections.abc import Sequence

_CODE = re.compile(r"(`[^`]+`)")
_SPECIAL = re.compile(r"(\\|\||(?<=\w)_(?![\w])|(?<!^)\*)", re.MULTILINE)
_STARRED = re.compile(r"^(\s*\*{1,2}\w+)(?=[:( ,])")


def restructured(text: str) -> str:
    """One piece of plain text, with its backquoted names as code."""
    pieces = _CODE.split(text)
    return "".join(f"`{piece}`" if place % 2 else _SPECIAL.sub(r"\\\1", piece) for place, piece in enumerate(pieces))


def restructured_lines(lines: Sequence[str]) -> list[str]:
    """A docstring in Google style, still in it; the stars of `*args` are left to the section that names it."""
    return [_line(line) for line in lines]


def _line(line: str) -> str:
    starred = _STARRED.match(line)
    if starred is None:
        return restructured(line)
    return starred[1] + restructured(line[starred.end() :])
