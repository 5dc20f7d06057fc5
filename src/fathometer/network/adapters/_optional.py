"""Libraries that come with an extra, imported where something of theirs is brought."""

import importlib
from types import ModuleType

from fathometer.evidence import InputError

EXTRAS = {
    "torch": "torch",
    "transformers": "torch",
    "huggingface_hub.constants": "torch",
    "onnx": "onnx",
    "onnxruntime": "onnx",
}
"""By module: the extra that installs it."""


def needed(module: str) -> ModuleType:
    """Import a module of an extra.

    Raises:
        InputError: if it is not installed; the line names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InputError(f"needs {module}: pip install 'fathometer[{EXTRAS[module]}]'") from error
