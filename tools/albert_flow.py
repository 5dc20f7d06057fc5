"""Make `src/fathometer/data/albert_flow.npz` from the hidden states that `tools/albert_layers.py` records.

python tools/albert_flow.py hidden.npz src/fathometer/data/albert_flow.npz

To each of the twelve layers one step of the particle model is fitted, as `fathometer network layers` does it; then the
tokens of layer 0 take these steps one after another. Kept are the statistics of their cosines, and the fits.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.attention import layer_statistics, read_hidden
from fathometer.network.layers import fit_step, take_step

LAYERS = 12


def main(source: Path, target: Path) -> None:
    """Fit the layers of the network and of the control, and follow the fitted steps.

    Raises:
        SystemExit: if the control is missing, or a layer moves nothing.
    """
    hidden, control = read_hidden(source)
    if control is None:
        raise SystemExit(f"{source} has no array 'control'")
    fits, others = _fits(hidden), _fits(control)
    states = [hidden[0]]
    for beta, tau, _ in fits:
        states.append(take_step(states[-1], beta, tau))
    flow = {f"flow_{field}": values for field, values in layer_statistics(np.stack(states))._asdict().items()}
    arrays = flow | {"beta": fits[:, 0], "tau": fits[:, 1], "explained": fits[:, 2], "control_explained": others[:, 2]}
    np.savez_compressed(target, **{name: part.astype(np.float32) for name, part in arrays.items()})  # type: ignore[arg-type]
    print(f"{target}: {target.stat().st_size} bytes")


def _fits(states: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beta, tau and explained share of the fit to each layer, shape (12, 3).

    Raises:
        SystemExit: if nothing moves.
    """
    fits = [fit_step(before, after) for before, after in pairwise(states[: LAYERS + 1])]
    if any(fit.beta is None or fit.explained is None for fit in fits):
        raise SystemExit("a layer moves nothing that a step explains")
    return np.array([[fit.beta, fit.tau, fit.explained] for fit in fits], np.float64)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
