"""The file that a data parameter names."""

from pathlib import Path

from fathometer.computations._values import table_file
from fathometer.study import Named


def data_file(name: str, base: Path) -> Named | None:
    """The file of a table; None for the data of the paper and those of scikit-learn."""
    return None if name == "paper" else table_file(name, base)
