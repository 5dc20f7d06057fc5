"""Tests that need torch, transformers or onnx: left out where they are not installed."""

from importlib.util import find_spec
from pathlib import Path

import pytest

NEEDED = ("torch", "transformers", "safetensors", "onnx", "onnxruntime", "accelerate")
LEFT_OUT = "*.py"
"""Files of this folder and of those in it: a star matches a slash, too."""
collect_ignore_glob = [LEFT_OUT] if None in map(find_spec, NEEDED) else []
HERE = Path(__file__).parent
MODELS = Path(__file__).parents[3] / ".models"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.torch)


@pytest.fixture(scope="session")
def models() -> Path:
    """Folder of the public networks, as `fathometer network fetch .models` fills it."""
    if not MODELS.is_dir():
        pytest.fail(f"{MODELS.name} is missing: make test-torch fetches it")
    return MODELS
