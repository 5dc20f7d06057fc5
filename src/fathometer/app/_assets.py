"""The built files of the page: they are in the wheel, and `make app` builds them in a checkout."""

from functools import cache
from importlib.resources import files

from fathometer.evidence import InputError


@cache
def assets() -> dict[str, bytes]:
    """Return the built files by name.

    Raises:
        InputError: if the page has not been built.
    """
    folder = files("fathometer.app") / "assets"
    found = {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else {}
    if "page.js" not in found:
        raise InputError("the page is not built in this checkout: run `make app` in it, or install a wheel")
    return found
