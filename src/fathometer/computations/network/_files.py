"""The file of a network that is named by `module:factory`, a path, or a folder."""

from pathlib import Path


def network_file(name: str) -> Path | None:
    """The source of the module, in the working folder, or the file or folder; None for a module that is installed."""
    if not name:
        return None
    if Path(name).exists():
        return Path(name)
    source = Path(*name.partition(":")[0].split(".")).with_suffix(".py")
    return source if source.is_file() else None
