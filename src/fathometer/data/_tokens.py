"""The token cloud of a real Transformer that comes with the package."""

from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray

ALBERT_SOURCE = "rxnmapper 0.4.3 (MIT): ALBERT on chemical reactions, embedding layer, one sequence"
ALBERT_LAYERS_SOURCE = "ALBERT on chemical reactions (rxnmapper 0.4.3, MIT), one sequence of 239 tokens"


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
    return _numbers("albert_layers.npz")


def albert_flow() -> dict[str, NDArray[np.float64]]:
    """Return one step of the particle model fitted to each of the twelve layers of that ALBERT, and where they lead.

    "beta", "tau", "explained" of each fit and "control_explained" with random weights, shape (12,), and the statistics
    of the tokens of layer 0 that take these steps: "flow_" and a field of `fathometer.attention.LayerStatistics`, for
    layers 0 to 12. Source and licence: `SOURCES.md` beside the array.
    """
    return _numbers("albert_flow.npz")


def _numbers(name: str) -> dict[str, NDArray[np.float64]]:
    with as_file(files("fathometer.data") / name) as path, np.load(path) as archive:
        return {part: archive[part].astype(np.float64) for part in archive.files}
