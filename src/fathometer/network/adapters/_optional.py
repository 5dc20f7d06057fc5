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
        raise InputError(asked_for(module)) from error


def asked_for(module: str) -> str:
    """The line that says which extra brings a module.

    Args:
        module: one of `EXTRAS`.
    """
    return f"needs {module}: pip install 'fathometer[{EXTRAS[module]}]'"


def lacking(error: BaseException | None) -> str | None:
    """The module of an extra whose absence made an import fail, or None.

    Args:
        error: what was raised.
    """
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return name if name in EXTRAS else None
