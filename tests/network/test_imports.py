"""Torch is imported when a network of its kind is brought, not before, and the core does not import this room."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.network.torch.conftest import LEFT_OUT

OF_TORCH = Path(__file__).parent / "torch"
EXTRAS = {"torch", "transformers", "safetensors", "onnx", "onnxruntime", "lightning", "accelerate"}


def loaded_by(statement: str) -> set[str]:
    """Modules that are there after a statement, in an interpreter of its own."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_room_loads_no_framework_of_the_extras():
    loaded = loaded_by("import fathometer.network, fathometer.network.inspection, fathometer.cli")
    assert loaded & EXTRAS == set()


@pytest.mark.slow
def test_all_tests_of_torch_are_left_out_where_it_is_absent():
    files = list(OF_TORCH.rglob("test_*.py"))
    assert any(file.parent != OF_TORCH for file in files)
    assert [file for file in files if not fnmatch(str(file), str(OF_TORCH / LEFT_OUT))] == []


def test_the_core_does_not_know_the_room():
    theories = ("attention", "deep_linear", "generalization", "catalogue", "report", "study", "cli")
    loaded = loaded_by("; ".join(f"import fathometer.{name}" for name in theories))
    assert {name for name in loaded if name.startswith("fathometer.network")} == set()
