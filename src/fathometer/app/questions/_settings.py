"""What whoever starts the server lets the page look at; nothing of it comes from the page."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Brought:
    """A network of the user's, and texts for it.

    Attributes:
        model: a folder of transformers, a file of ONNX, or module:factory; None if none is brought.
        text: file of texts, one a line, for the tokenizer in the folder.
        ids: npz file of token ids instead.
    """

    model: str | None = None
    text: Path | None = None
    ids: Path | None = None


_brought = Brought()


def bring(brought: Brought) -> None:
    """Let questions look at a network from now on."""
    global _brought
    _brought = brought


def brought() -> Brought:
    """What the server was started with."""
    return _brought
