"""The token cloud of a real Transformer that comes with the package."""

from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

ALBERT_SOURCE = "rxnmapper 0.4.3 (MIT): ALBERT on chemical reactions, embedding layer, one sequence"


def albert_tokens() -> NDArray[np.float64]:
    """Return the embedding-layer tokens of an ALBERT on one sequence: shape (56, 256), not normalised.

    Source and licence: `SOURCES.md` beside the array.
    """
    with as_file(files("fathometer.data") / "albert_tokens.npz") as path, np.load(path) as archive:
        return archive["hidden"].astype(np.float64)
