"""Callbacks of trainers that take a look before the optimiser's step."""

import importlib
import sys
from typing import TYPE_CHECKING, Any

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed

if TYPE_CHECKING:
    from fathometer.network.steps.watch._watch import Watch

_LIGHTNING = ("lightning.pytorch", "pytorch_lightning")


def transformers_callback(watch: "Watch") -> Any:
    """A TrainerCallback of transformers.

    Args:
        watch: what looks.
    """
    base = needed("transformers").TrainerCallback

    class WatchCallback(base):
        """Looks before the optimiser's step."""

        def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            """Gradients are whole and clipped, the step is not made yet."""
            watch.step(given["model"], given["optimizer"])

        def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            """No look is left open."""
            watch.close()

    return WatchCallback()


def lightning_callback(watch: "Watch") -> Any:
    """A Callback of Lightning, of whichever of its two packages is imported or installed.

    Args:
        watch: what looks.

    Raises:
        InputError: if neither is installed.
    """
    base = _lightning().Callback

    class WatchCallback(base):
        """Looks before the optimiser's step."""

        def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
            """Gradients are whole, the step is not made yet."""
            watch.step(pl_module, optimizer)

        def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
            """No look is left open."""
            watch.close()

    return WatchCallback()


def _lightning() -> Any:
    """The package that is imported already, or the first that can be.

    Raises:
        InputError: if none can be.
    """
    for name in sorted(_LIGHTNING, key=lambda name: name not in sys.modules):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise InputError("needs lightning: pip install lightning")
