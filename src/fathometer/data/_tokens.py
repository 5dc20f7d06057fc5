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


def albert_layers() -> dict[str, NDArray[np.float64]]:
    """Return statistics of cosines between tokens in the layers of that ALBERT, trained and with random weights.

    Names are "trained_" or "random_" and a field of `fathometer.attention.LayerStatistics`. Layers 0 to 12 are those
    of the network; beyond, its one shared layer was iterated. Source and licence: `SOURCES.md` beside the array.
    """
    with as_file(files("fathometer.data") / "albert_layers.npz") as path, np.load(path) as archive:
        return {name: archive[name].astype(np.float64) for name in archive.files}
