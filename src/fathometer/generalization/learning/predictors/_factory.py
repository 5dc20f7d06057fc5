"""A user's callable, found by name."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError


def load_factory(reference: str) -> Callable[[], Any]:
    """Import `module:factory`; modules of the working folder are found.

    Raises:
        InputError: if it is not of that form, the module cannot be imported, or it has no such callable.
    """
    module, colon, name = reference.partition(":")
    if not (module and colon and name):
        raise InputError(f"a model of your own must be module:factory, got {reference!r}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        factory = getattr(importlib.import_module(module), name, None)
    except (Exception, SystemExit) as error:
        raise InputError(f"module {module!r} cannot be imported: {type(error).__name__}: {error}") from error
    if not callable(factory):
        raise InputError(f"module {module!r} has no callable {name!r}")
    return factory
