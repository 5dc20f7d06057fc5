"""Make `src/fathometer/data/albert_layers.npz` from the hidden states that `tools/albert_layers.py` records.

python tools/albert_histograms.py hidden.npz src/fathometer/data/albert_layers.npz
"""

import sys
from pathlib import Path

import numpy as np

from fathometer.attention import layer_statistics, read_hidden

LAYERS = (*range(13), 16, 24, 30, 36, 48, 96, 200, 400)


def main(source: Path, target: Path) -> None:
    """Reduce trained and random states to the statistics of their cosines.

    Raises:
        SystemExit: if one of the two is missing.
    """
    arrays = {}
    for name, states in zip(("trained", "random"), read_hidden(source), strict=True):
        if states is None:
            raise SystemExit(f"{source} has no array 'control'")
        for field, values in layer_statistics(states, LAYERS)._asdict().items():
            arrays[f"{name}_{field}"] = values.astype(np.float32)
    np.savez_compressed(target, **arrays)
    print(f"{target}: {target.stat().st_size} bytes, {len(LAYERS)} layers, {states.shape[1]} tokens")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
