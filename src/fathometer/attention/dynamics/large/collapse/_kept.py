"""A run of a large cloud that was stopped, in a file from which it goes on."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse._status import Settings
from fathometer.attention.dynamics.large.collapse._adams import Adams
from fathometer.attention.dynamics.large.collapse._continuum import Continuum, Scales
from fathometer.attention.dynamics.large.collapse._stages import Course
from fathometer.attention.dynamics.large.collapse._tree import Tree
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import InputError

Rows = Float[np.ndarray, "rows 4"]
_SEPARATOR = ":"
_CLOCKS = "clocks-"
_FORM = 3
"""Of the file: a run that an earlier version has kept begins again."""


def digest(system: ParticleSystem, settings: Settings, scales: Scales) -> str:
    """Digest of everything that decides a run.

    Args:
        system: the tokens at time 0.
        settings: of the compiled steps.
        scales: of the first two stages.
    """
    text = hashlib.sha256(system.points.tobytes() + system.masses.tobytes())
    text.update(repr((_FORM, system.beta, str(system.model), settings, scales)).encode())
    return text.hexdigest()


def save(file: Path, origin: str, runs: Mapping[str, Course | Rows]) -> None:
    """Write the states of the first two stages of every run, and the merge trees of those that are finished.

    The third stage, of some seconds, is made again from the end of the second.

    Args:
        file: where to.
        origin: see `digest`.
        runs: by name; the merge trees alone of those that were finished.
    """
    arrays: dict[str, Any] = {"origin": np.array(origin)}
    for name, run in runs.items():
        arrays |= {f"{name}{_SEPARATOR}{key}": value for key, value in _kept(name, run).items()}
    part = file.with_suffix(".part.npz")
    part.parent.mkdir(parents=True, exist_ok=True)
    np.savez(part, **arrays)
    part.replace(file)


def load(
    file: Path, origin: str, systems: dict[str, tuple[ParticleSystem, Settings, Scales]]
) -> dict[str, Course | Rows]:
    """Read runs by name.

    Args:
        file: what `save` has written.
        origin: digest of the run that is to go on.
        systems: tokens at time 0, settings and scales of every run by name.

    Raises:
        InputError: if the file is damaged or not of the same run.
    """
    damaged = InputError(f"{file} must be a snapshot of this run; delete it to begin again")
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
            arrays = {key: kept[key] for key in kept.files}
        same = str(arrays.pop("origin")) == origin
    except Exception as error:  # a damaged file fails in any way: of its archive, of its headers, of its values
        raise damaged from error
    if not same:
        raise InputError(
            f"{file} must be of the same points, masses, beta, model and settings; delete it to begin again"
        )
    try:
        return _runs(arrays, systems)
    except Exception as error:
        raise damaged from error


def _runs(
    arrays: dict[str, Any], systems: dict[str, tuple[ParticleSystem, Settings, Scales]]
) -> dict[str, Course | Rows]:
    runs: dict[str, Course | Rows] = {}
    for name in dict.fromkeys(key.split(_SEPARATOR)[0] for key in arrays):
        parts = {key.split(_SEPARATOR)[1]: value for key, value in arrays.items() if key.startswith(name + _SEPARATOR)}
        runs[name] = parts["rows"] if set(parts) == {"rows"} else _course(parts, *systems[name])
    return runs


def _kept(name: str, run: Course | Rows) -> dict[str, Any]:
    if isinstance(run, np.ndarray):
        return {"rows": run}
    return {"rows": run.rows()} if run.status is not None and name != "run" else _state(run)


def _state(run: Course) -> dict[str, Any]:
    clocks = {} if run.clocks is None else {f"{_CLOCKS}{key}": value for key, value in run.clocks.kept().items()}
    return _continuum(run.continuum) | clocks


def _continuum(continuum: Continuum) -> dict[str, Any]:
    adams, tree = continuum.adams, continuum.tree
    counts = [adams.accepted, adams.rejected, continuum.evaluations]
    return {
        "points": adams.points,
        "velocities": np.array(adams.velocities),
        "times": np.array(adams.times),
        "clock": np.array([adams.time, adams.step]),
        "counts": np.array(counts),
        "masses": continuum.masses,
        "labels": tree.labels,
        "sizes": tree.sizes,
        "tree": tree.rows,
    }


def _course(kept: dict[str, Any], system: ParticleSystem, settings: Settings, scales: Scales) -> Course:
    continuum = Continuum(system, scales)
    time, step = kept["clock"].tolist()
    accepted, rejected, evaluations = kept["counts"].tolist()
    velocities = list(kept["velocities"])
    adams = Adams(
        kept["points"], scales.accuracy(system.beta), time, step, times=kept["times"].tolist(), velocities=velocities
    )
    adams.accepted, adams.rejected = accepted, rejected
    tree = Tree.going_on(len(system.points), kept["labels"], kept["sizes"], kept["tree"])
    continuum.adopt(adams, kept["masses"], tree, evaluations)
    course = Course(system, settings, continuum)
    clocks = {key.removeprefix(_CLOCKS): value for key, value in kept.items() if key.startswith(_CLOCKS)}
    if clocks:
        course.begin_clocks().take(clocks)
    return course
