"""Guides name only files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PLACE = re.compile(r"`((?:tests|src|benchmarks|examples|docs|tools|frontend)/[\w./-]+)`")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guide_names_files_and_folders_that_are_there(guide):
    named = [name for name in PLACE.findall(guide.read_text("utf-8")) if "NAME" not in name]
    assert [name for name in named if not (ROOT / name).exists()] == []
