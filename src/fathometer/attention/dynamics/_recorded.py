"""Hidden states of somebody's network as tokens on the sphere, layer by layer."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics._assembly import NUMPY, assemble
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.data import read_archive, read_stored
from fathometer.evidence import Axis, AxisKind, InputError, Origin, Trajectory, finite_array


def record(
    hidden: ArrayLike, beta: float, model: Model | str = Model.SA, masses: ArrayLike | None = None
) -> Trajectory:
    """Take hidden states as a trajectory of tokens, so that every observable of simulated tokens reads them.

    Every row is divided by its norm. No network has the attention of the model: `beta`, `model` and `masses` only say
    at which scale observables look.

    Args:
        hidden: shape (layers, n, d), d >= 2, no zero rows.
        beta: inverse temperature of the observables that have one, >= 0.
        model: SA or USA.
        masses: shape (n,), positive; equal when not given.

    Returns:
        A trajectory along layers 0, 1, ... with states "points", shape (layers, n, d), and with events "k clusters"
        at the default resolution (see `cluster_events`).

    Raises:
        InputError: if a value is not as above; a zero row is named by its layer and its token.
    """
    points = _unit_layers(hidden)
    system = ParticleSystem.project(points[0], beta, model, masses)
    axis = Axis(AxisKind.LAYER, np.arange(float(len(points))))
    return assemble(system, axis, {"points": points}, NUMPY, beta=system.beta, origin=Origin.RECORDED)


def read_hidden(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Read the arrays "hidden" and, if there is one, "control" of an npz file, both (layers, tokens, dim).

    The states "points" of a stored run, an npz file or a zarr folder, are read as hidden ones.

    Raises:
        InputError: if there is no such file, no array "hidden", an array has not three dimensions or not finite
            entries, or the control has another number of layers.
    """
    arrays = dict(read_stored(path) if path.suffix.lower() == ".zarr" else read_archive(path, "npz file"))
    if "hidden" not in arrays and "points" in arrays:
        arrays["hidden"] = arrays["points"]
    if "hidden" not in arrays:
        raise InputError(f"{path} must hold an array 'hidden' (layers, tokens, dim); arrays: {sorted(arrays)}")
    hidden = finite_array(f"'hidden' of {path}", arrays["hidden"], ndim=3)
    if "control" not in arrays:
        return hidden, None
    control = finite_array(f"'control' of {path}", arrays["control"], ndim=3)
    if len(control) != len(hidden):
        raise InputError(f"'control' of {path} must have {len(hidden)} layers as 'hidden' has, got {len(control)}")
    return hidden, control


def _unit_layers(hidden: ArrayLike) -> NDArray[np.float64]:
    states = finite_array("hidden", hidden, ndim=3)
    if 0 in states.shape or states.shape[2] < 2:
        raise InputError(f"hidden must have shape (layers, n, d) with d >= 2 and nothing empty, got {states.shape}")
    largest = np.max(np.abs(states), axis=2, keepdims=True)
    if np.any(zero := largest[..., 0] == 0):
        layer, token = (int(i) for i in np.argwhere(zero)[0])
        raise InputError(f"hidden must have nonzero rows, token {token} of layer {layer} is zero")
    rows = states / largest  # so that neither tiny nor huge rows lose their norm
    return rows / np.linalg.norm(rows, axis=2, keepdims=True)
