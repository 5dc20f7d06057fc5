"""A long collapse under watch: progress, and snapshots from which it goes on after an interruption."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from fathometer.attention.dynamics.collapse._collapse import simulate_collapse
from fathometer.attention.dynamics.collapse._drive import Run
from fathometer.attention.dynamics.collapse._snapshot import ForeignSnapshotError, Snapshot
from fathometer.attention.dynamics.collapse._watch import Watch
from fathometer.attention.dynamics.collapse.results._record import Collapse
from fathometer.attention.dynamics.collapse.results._trajectory import collapse_trajectory
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import InputError, Trajectory
from fathometer.report import write_json
from fathometer.study import interruptions


def watched_collapse(
    system: ParticleSystem,
    *,
    tolerance: float,
    event_chord: float | None,
    check: bool,
    states: bool,
    file: Path | None,
    say: Callable[[str], object],
) -> tuple[Collapse, Trajectory | None]:
    """Run `simulate_collapse`, saying how many clusters are left, and go on from the file if there is one.

    The merge tree so far is written to the file every minute and when the user interrupts; at the end the file is
    removed. A run that was interrupted ends with the same result as one that was not.

    Args:
        system: as for `simulate_collapse`.
        tolerance: as for `simulate_collapse`.
        event_chord: as for `simulate_collapse`.
        check: as for `simulate_collapse`.
        states: whether to run it once more as `collapse_trajectory` does.
        file: where to keep the snapshot; None for nowhere.
        say: writes a line of progress.

    Returns:
        The collapse, and its trajectory; None without states.

    Raises:
        InputError: as `simulate_collapse`, or if the file is no snapshot of the same run.
        KeyboardInterrupt: after an interruption, once the snapshot is written.
    """
    resume = None if file is None or not file.exists() else _read(file)
    with interruptions() as interrupted:
        watch = Watch(file, _write, say, interrupted)
        try:
            collapse = simulate_collapse(
                system, tolerance=tolerance, event_chord=event_chord, check=check, progress=watch, resume=resume
            )
        except ForeignSnapshotError as error:
            raise InputError(f"{file}: {error}") from error
        run = collapse_trajectory(system, collapse, check=check, progress=watch.again) if states else None
    if file is not None:
        file.unlink(missing_ok=True)
    return collapse, run


def _write(file: Path, runs: Mapping[str, Run]) -> None:
    write_json(file, {name: Snapshot.of(run).to_json() for name, run in runs.items()})


def _read(file: Path) -> dict[str, Snapshot]:
    try:
        kept = json.loads(file.read_text())
        return {"run": Snapshot.from_json(kept.pop("run"))} | {name: Snapshot.from_json(kept[name]) for name in kept}
    except (ValueError, RecursionError, LookupError, AttributeError, OSError) as error:
        raise InputError(f"{file} must be a snapshot of this run; delete it to begin again") from error
