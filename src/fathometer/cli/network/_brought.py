"""What commands on networks are given, read: a network with its loss and rows, and texts."""

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
        kind = "a graph of ONNX" if net.framework == "onnx" else "a model alone"
        raise InputError(f"a module:factory must return (model, loss) with loss(model, X, y), got {kind}: {reference}")
    arrays = read_archive(data)
    rows = (arrays["X"], arrays["y"]) if "X" in arrays and "y" in arrays else arrays
    return net, loss, rows


def texts_of_files(text: Path | None, ids: Path | None, network: "Network") -> list[Any] | None:
    """Texts of the file that is given; None if none is.

    Args:
        text: file of texts, one a line.
        ids: npz file of token ids or images.
        network: brings the tokenizer.

    Raises:
        InputError: if both are given, or the file cannot be read.
    """
    from fathometer.evidence import InputError
    from fathometer.network.recording import ids_in_file, lines_in_file

    if text is not None and ids is not None:
        raise InputError("give either --text F or --ids F.npz, not both")
    if text is not None:
        return lines_in_file(text, network)
    return None if ids is None else ids_in_file(ids)
