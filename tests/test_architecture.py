"""The import directions of the design, the public face, and the examples."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from importlinter import cli as importlinter

import fathometer

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert importlinter.lint_imports(no_cache=True) == importlinter.EXIT_STATUS_SUCCESS


def test_the_public_face_is_the_spine():
    assert fathometer.Estimate.exact(1.0).value == 1.0
    assert set(fathometer.__all__) <= set(dir(fathometer.evidence))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fathometer.nothing  # noqa: B018


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_the_examples_of_the_readme_run(number, tmp_path):
    examples = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(examples) == 3
    done = subprocess.run([sys.executable, "-c", examples[number]], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") >= 2
