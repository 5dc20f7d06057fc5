"""Names of features that say something about the file."""

import re
from collections.abc import Sequence

from fathometer.evidence import InputError

INDEX = re.compile(r"\s*|Unnamed: \d+|__index_level_\d+__")
"""What pandas makes of an index without a name: in CSV files, read and written again, and in Parquet files."""


def require_names(source: str, names: Sequence[str]) -> None:
    """Refuse features without a name, which are row numbers far more often than features.

    Raises:
        InputError: if there is one.
    """
    for place, name in enumerate(names, start=1):
        if INDEX.fullmatch(name):
            raise InputError(
                f"feature {place} of {source} has no name but {name!r}, as the index of a data frame has: leave it out"
                " (pandas: index=False; or a delimiter at the end of the header), or name it if it is a feature"
            )
