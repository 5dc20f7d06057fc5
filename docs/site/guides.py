"""The guides as they are in the repository: links that leave their folder are led back, and theorems are linked."""

import re
from collections.abc import Iterator
from pathlib import Path

from fathometer.catalogue import theorems

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^(```|~~~)")
_MOVED = {"../CONTRIBUTING.md": "contributing.md", "../README.md": "index.md"}


def guide_pages() -> dict[str, str]:
    """Text of every guide and of the notes for contributors, by its path."""
    guides = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
    guides["contributing.md"] = (ROOT / "CONTRIBUTING.md").read_text("utf-8").replace("](docs/", "](")
    return {name: linked(text) for name, text in guides.items()}


def linked(text: str) -> str:
    """A guide with its links led to the pages of the site, and ids of theorems as links."""
    for old, new in _MOVED.items():
        text = text.replace(f"]({old}", f"]({new}")
    names = "|".join(theorem.id for theorem in theorems())
    pattern = re.compile(rf"(?<![\[`])`({names})`(?![`\]])")
    return "".join(line if code else pattern.sub(r"[`\1`](theorems/\1.md)", line) for line, code in _lines(text))


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Go through a text.

    Yields:
        Each line, and whether it is code.
    """
    fenced = False
    for line in text.splitlines(keepends=True):
        fence = bool(_FENCE.match(line))
        fenced = fenced != fence
        yield line, fenced or fence or line.startswith("    ")
