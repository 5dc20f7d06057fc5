"""A file that was dropped on the page: what is said of it does not name where it lies here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fathometer.evidence import InputError


@contextmanager
def called_the_file(file: Path | None) -> Iterator[None]:
    """Let what refuses a file call it "the file".

    Args:
        file: where it lies, or None if none came.

    Yields:
        Nothing.

    Raises:
        InputError: with the same line, without the path.
    """
    try:
        yield
    except InputError as error:
        raise InputError(str(error).replace(str(file), "the file") if file else str(error)) from error
