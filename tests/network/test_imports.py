"""Torch is imported when a network of its kind is brought, not before, and the core does not import this room."""

import subprocess
import sys

import pytest

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
def test_the_core_does_not_know_the_room():
    theories = ("attention", "deep_linear", "generalization", "catalogue", "report", "study", "cli")
    loaded = loaded_by("; ".join(f"import fathometer.{name}" for name in theories))
    assert {name for name in loaded if name.startswith("fathometer.network")} == set()
