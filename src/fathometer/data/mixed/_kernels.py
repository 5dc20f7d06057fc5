"""Arrow's functions on columns."""

from typing import Any


def kernels() -> Any:
    """Return pyarrow's module of functions on columns, most of which it makes when it is imported."""
    from pyarrow import compute

    return compute
