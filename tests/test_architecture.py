"""The import directions of the design, the annotations, the public face, and the examples."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from beartype.roar import BeartypeCallHintViolation
from importlinter import cli as importlinter
from jaxtyping import Float

import fathometer
from fathometer.numerics import project_to_sphere
from tests import checked

ROOT = Path(__file__).parents[1]


def test_imports_go_one_way(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert importlinter.lint_imports(no_cache=True) == importlinter.EXIT_STATUS_SUCCESS


@checked
def products(x: Float[np.ndarray, " n"], y: Float[np.ndarray, " m"], turned: bool) -> Float[np.ndarray, "n m"]:
    """Of all pairs; the wrong way round if turned."""
    return np.outer(y, x) if turned else np.outer(x, y)


def test_tests_check_arguments_and_results_against_each_other():
    two, three = np.ones(2), np.ones(3)
    assert products(two, three, False).shape == (2, 3)
    for wrong in ((two, three, True), (np.ones((2, 2)), three, False)):
        with pytest.raises(BeartypeCallHintViolation):
            products(*wrong)
    with pytest.raises(BeartypeCallHintViolation):
        project_to_sphere("east")


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
