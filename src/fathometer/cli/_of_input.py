"""Errors that are the input's or the machine's, in one line; all others are defects of ours."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_NAMES = "EACCES EPERM ENOSPC EDQUOT EROFS EFBIG EISDIR ENOTDIR ENAMETOOLONG ELOOP EIO EBADF EMFILE ENFILE"
_REFUSED = {getattr(errno, name) for name in _NAMES.split() if hasattr(errno, name)}
_TOO_LARGE = ("array is too big", "Maximum allowed dimension exceeded", "RESOURCE_EXHAUSTED", "Unable to allocate")


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Blame the file for whatever goes wrong while it is read: nothing but its content decides that.

    Raises:
        InputError: in place of any error of types, values, keys or nesting.
    """
    from fathometer.evidence import InputError

    try:
        yield
    except InputError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise InputError(f"{str(file)!r} is not what it should be: {error}") from error


def message_of(error: BaseException, arguments: Sequence[str]) -> str | None:
    """Say in one line what is wrong with the input or the machine, or return None if the error is ours.

    Args:
        error: what a command raised.
        arguments: of the command line; a missing file is the user's only if one of them names it.
    """
    from fathometer.evidence import InputError

    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return f"what was read is not {error.encoding} text: {error.reason} at byte {error.start}"
    if isinstance(error, OSError):
        return _refusal(error, arguments)
    if isinstance(error, MemoryError) or any(words in str(error) for words in _TOO_LARGE):
        return f"too large for the memory of this machine: {error or 'nothing more could be allocated'}"
    return None


def _refusal(error: OSError, arguments: Sequence[str]) -> str | None:
    """What the operating system refused, unless the file is none that the user knows of."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"cannot write: {reason}" if error.errno in _REFUSED else None
    file = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else str(error.filename)
    if error.errno in _REFUSED or any(_below(file, argument) for argument in arguments):
        return f"cannot use {file!r}: {reason}"
    return None


def _below(file: str, argument: str) -> bool:
    """Whether an argument, such as DIR, --out=DIR or mnist:DIR, names the file or a folder above it."""
    names = {argument, argument.partition("=")[2], argument.partition(":")[2]} - {""}
    full = Path(file).resolve()
    return any(full.is_relative_to(Path(name).resolve()) for name in names)
