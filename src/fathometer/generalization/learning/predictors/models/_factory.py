"""A user's callable, found by name; what it prints, and a process that it forks, stay out of the way."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
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
    find_own_modules()
    try:
        with guarded():
            factory = getattr(importlib.import_module(module), name, None)
    except (Exception, SystemExit) as error:
        raise InputError(f"module {module!r} cannot be imported: {type(error).__name__}: {error}") from error
    if not callable(factory):
        raise InputError(f"module {module!r} has no callable {name!r}")
    return factory


def find_own_modules() -> None:
    """Let modules of the working folder be imported."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)


@contextmanager
def guarded() -> Iterator[None]:
    """Run code of a user: what it prints goes to stderr, and a copy of this process that it forks ends with it.

    The descriptor itself is turned, so that libraries in C and processes that it starts are covered.
    """
    process = os.getpid()
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if os.getpid() != process:
            os._exit(0)  # it forked, and the copy came back: the rest is the first one's work
        os.dup2(kept, 1)
        os.close(kept)
