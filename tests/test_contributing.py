"""Where to add what: every recipe of CONTRIBUTING is followed in a copy of the project, and its commands run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECIPES = {
    section.splitlines()[0]: section
    for section in re.split(r"^##+ ", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE)
    if section.startswith("Add a")
}
BLOCK = re.compile(r"```python\n# (?P<path>[^\s,]+)(?:, below: (?P<line>[^\n]*))?\n(?P<text>.*?)```", re.DOTALL)


def follow(recipe: str, copy: Path) -> None:
    """Write the files of a recipe into a copy, and put its lines below those that it names."""
    for block in BLOCK.finditer(recipe):
        path, line, text = copy / block["path"], block["line"], block["text"]
        if line is None:
            assert not path.exists()
            path.write_text(text)
        else:
            before = path.read_text()
            path.write_text(before.replace(f"{line}\n", f"{line}\n{text}"))


def test_there_is_a_recipe_for_every_kind_of_addition():
    assert set(RECIPES) == {
        f"Add {what}" for what in ("a theorem", "a variant of the model", "a bound", "an observable", "a command")
    }


@pytest.mark.parametrize("name", RECIPES)
def test_the_lines_that_a_recipe_names_are_there(name):
    for block in BLOCK.finditer(RECIPES[name]):
        if block["line"] is not None:
            assert f"{block['line']}\n" in (ROOT / block["path"]).read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works_as_it_is_written(name, tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    follow(RECIPES[name], tmp_path)
    commands = re.findall(r"```sh\n(.*?)```", RECIPES[name], re.DOTALL)
    assert commands
    programs = {"fathometer": f"{sys.executable} -m fathometer", "python": sys.executable}
    script = re.sub(
        "^(fathometer|python) ", lambda word: f"{programs[word[1]]} ", "".join(commands), flags=re.MULTILINE
    )
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
