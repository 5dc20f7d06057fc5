"""Standard output and error as they are found: closed, full, cut off by a reader, of few characters."""

import codecs
import os
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

CUT_OFF = 141
"""What a shell reports of a tool that SIGPIPE ended (128 + 13): the reader had enough, nothing is wrong."""


def prepare_streams() -> str | None:
    """Make both streams take any text, and say what is wrong if there is no standard output."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (for as long as it runs)
    if sys.stdout is None or sys.stdout.closed:
        return "standard output is closed: give it a file, a pipe or a terminal (/dev/null to see nothing)"
    codecs.register_error("fathometer.closest", _closest)
    with suppress(AttributeError, ValueError, OSError):
        if sys.stdout.errors in ("strict", "surrogateescape"):  # the latter in the C locale
            sys.stdout.reconfigure(errors="fathometer.closest")  # type: ignore[union-attr]
    return None


def cut_off(stdout: TextIO) -> int:
    """Return the exit code for a reader that is gone; nothing more is written, not even at exit."""
    silence(stdout)
    return CUT_OFF


def silence(stdout: TextIO) -> None:
    """Let what is still in the buffer go nowhere, so that no error comes up when the interpreter ends."""
    sys.stdout = stdout
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stdout.fileno())
        os.close(nowhere)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Show no warning of a library, unless Python was asked for warnings (-W or PYTHONWARNINGS).

    What a user has to know is in the result or on standard error in our words; filters that turn warnings into errors
    stay as they are.
    """
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.showwarning = lambda *_, **__: None
        yield


def _closest(error: UnicodeError) -> tuple[str, int]:
    """A letter without its accent where the stream has no letter with it, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = (unicodedata.normalize("NFKD", letter) for letter in error.object[error.start : error.end])
    plain = (letter.encode("ascii", "ignore").decode("ascii") for letter in letters)
    return "".join(letter or "?" for letter in plain), error.end
