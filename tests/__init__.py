"""The checker that executes annotations in the tests; an int may stand where a float is meant."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any

import jaxtyping
from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
_names_of_dimensions = jaxtyping.jaxtyped("context")


def checked(thing: Any) -> Any:
    """Check arguments and results of a function, or of the `__init__` of a dataclass, in one scope of dimensions.

    It does what `jaxtyping.jaxtyped` does, which checks arguments twice and binds them to their names in every call.
    """
    if not inspect.isclass(thing):
        return _checked(thing)
    if dataclasses.is_dataclass(thing) and not hasattr(thing.__init__, "__checked__"):
        thing.__init__ = _checked(thing.__init__)
    return thing


def _checked(function: Callable[..., Any]) -> Callable[..., Any]:
    inner = check(function)

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        with _names_of_dimensions:
            return inner(*args, **kwargs)

    run.__checked__ = True
    return run


def use_checked() -> None:
    """Let the import hook of jaxtyping put `checked` on what it imports from here on."""
    jaxtyping.jaxtyped = lambda typechecker: checked
