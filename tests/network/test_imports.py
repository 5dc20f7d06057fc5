"""Torch is imported when a network of its kind is brought, not before, and the core does not import this room."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.network.torch.conftest import LEFT_OUT

OF_TORCH = Path(__file__).parent / "torch"
EXTRAS = {"torch", "transformers", "safetensors", "onnx", "onnxruntime", "lightning", "accelerate"}


THEORIES = ("attention", "deep_linear", "generalization", "catalogue", "report", "study", "cli")
SHOW = "print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> tuple[set[str], set[str]]:
    """Modules that are there after the core is imported, and after the room is, in an interpreter of their own."""
    core = "; ".join(f"import fathometer.{name}" for name in THEORIES)
    room = "import fathometer.network, fathometer.network.inspection"
    script = "\n".join(("import sys", core, SHOW, room, SHOW))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    return set(first.split()), set(second.split())


def test_the_room_loads_no_framework_of_the_extras(loaded):
    assert "fathometer.network.inspection" in loaded[1]
    assert loaded[1] & EXTRAS == set()


@pytest.mark.slow
def test_all_tests_of_torch_are_left_out_where_it_is_absent():
    files = list(OF_TORCH.rglob("test_*.py"))
    assert any(file.parent != OF_TORCH for file in files)
    assert [file for file in files if not fnmatch(str(file), str(OF_TORCH / LEFT_OUT))] == []


def test_the_core_does_not_know_the_room(loaded):
    assert "fathometer.catalogue" in loaded[0]
    assert {name for name in loaded[0] if name.startswith("fathometer.network")} == set()
