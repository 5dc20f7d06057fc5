"""A network and a loss that a callable of the user's makes, found by name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors import load_factory
from fathometer.generalization.learning.predictors.models._factory import guarded
from fathometer.network._network import Network
from fathometer.network.adapters._jax import holds_arrays
from fathometer.network.adapters._optional import asked_for, lacking
from fathometer.network.adapters._wrap import is_torch, wrap

Loss = Callable[..., Any]


def brought(reference: str | Path) -> tuple[Network, Loss | None]:
    """A network by what a user types: a folder of transformers, a file of ONNX, or `module:factory`.

    The factory, a callable without arguments in a module of the working folder, returns the model alone or
    `(model, loss)` with `loss(model, X, y)`, the mean over the rows given.

    Args:
        reference: a path, or module and factory with a colon between them.

    Returns:
        The network, and the loss or None.

    Raises:
        InputError: if it cannot be found, or the factory fails or returns something else.
    """
    if Path(reference).exists() or ":" not in str(reference):
        return wrap(reference), None
    factory = _loaded(str(reference))
    try:
        with guarded():
            made = factory()
    except InputError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(_failed(str(reference), error)) from error
    return _parted(made)


def _loaded(reference: str) -> Callable[[], Any]:
    """The factory.

    Raises:
        InputError: if there is none; where its module lacks a package of an extra, the line names the extra.
    """
    try:
        return load_factory(reference)
    except InputError as error:
        if lacking(error.__cause__):
            raise InputError(_failed(reference, error.__cause__)) from error
        raise


def _failed(reference: str, error: BaseException | None) -> str:
    module = lacking(error)
    return f"{reference} {asked_for(module)}" if module else f"{reference} failed: {type(error).__name__}: {error}"


def _parted(made: Any) -> tuple[Network, Loss | None]:
    if not isinstance(made, tuple) or _is_jax_pair(made):
        return wrap(made), None
    if len(made) != 2 or not (made[1] is None or callable(made[1])):
        kinds = ", ".join(type(part).__name__ for part in made)
        raise InputError(f"a factory must return a model or (model, loss) with a callable loss, got ({kinds})")
    return wrap(made[0]), made[1]


def _is_jax_pair(made: tuple[Any, ...]) -> bool:
    """Whether a pair is a function with its parameters, and not a model with its loss."""
    return len(made) == 2 and callable(made[0]) and not is_torch(made[0]) and holds_arrays(made[1])
