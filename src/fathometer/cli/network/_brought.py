"""A network with its loss and its rows, as commands on networks take them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fathometer.network._network import Network


def network_with_loss(reference: str, data: Path) -> "tuple[Network, Callable[..., Any], Any]":
    """The network, its loss, and the rows: (X, y), or arrays that the loss takes by name.

    Args:
        reference: module:factory that returns (model, loss).
        data: an npz file.

    Raises:
        InputError: if there is no loss, or one of them cannot be read.
    """
    from fathometer.data import read_archive
    from fathometer.evidence import InputError
    from fathometer.network.adapters import brought

    net, loss = brought(reference)
    if loss is None:
        raise InputError(f"{reference} must return (model, loss) with loss(model, X, y), got a model alone")
    arrays = read_archive(data)
    rows = (arrays["X"], arrays["y"]) if "X" in arrays and "y" in arrays else arrays
    return net, loss, rows
