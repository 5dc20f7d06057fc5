"""A large collapse under watch: what it will take, progress, and a file from which it goes on."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from fathometer.attention.dynamics.collapse._status import Settings
from fathometer.attention.dynamics.collapse._watch import Watch
from fathometer.attention.dynamics.collapse._ways import _perturbed
from fathometer.attention.dynamics.large._sphere import LARGEST, needed_degree
from fathometer.attention.dynamics.large.collapse._continuum import Scales
from fathometer.attention.dynamics.large.collapse._kept import Rows, digest, load, save
from fathometer.attention.dynamics.large.collapse._large import simulate_large_collapse
from fathometer.attention.dynamics.large.collapse._record import LargeCollapse, LargeTree
from fathometer.attention.dynamics.large.collapse._stages import Course
from fathometer.attention.dynamics.large.collapse.sums._scattered import transforms_are_here
from fathometer.attention.model._system import ParticleSystem
from fathometer.study import interruptions

_STEPS = 600
_SHARE_WHOLE = 0.5
"""Share of the steps of the first stage in which most tokens are still on their own."""

_CLUSTER = 0.006
"""Seconds for a cluster that the first stage leaves, until it has become part of another one."""


def watched_large_collapse(
    system: ParticleSystem,
    *,
    tolerance: float,
    event_chord: float | None,
    check: bool,
    file: Path | None,
    say: Callable[[str], object],
) -> tuple[LargeCollapse, LargeTree]:
    """Run `simulate_large_collapse`, saying how far it is, and go on from the file if there is one.

    Args:
        system: as for `simulate_large_collapse`.
        tolerance: as there.
        event_chord: as there.
        check: as there.
        file: where to keep an unfinished run; None for nowhere.
        say: writes a line of progress.

    Raises:
        InputError: as `simulate_large_collapse`, or if the file is of another run.
        KeyboardInterrupt: after an interruption, once the file is written.
    """
    settings, scales = Settings.of(system, tolerance, event_chord, True, 10_000_000), Scales(tolerance)
    origin = digest(system, settings, scales)
    resume: dict[str, Course | Rows] = {}
    if file is not None and file.exists():
        finer = Scales(scales.tolerance * 0.1, scales.merge_chord, scales.until)
        moved = _perturbed(system, max(tolerance / 10, 1e-9))
        ways = {
            "run": (system, settings, scales),
            "fine": (system, settings.finer(), finer),
            "twin": (moved, settings, scales),
        }
        resume = load(file, origin, ways)
    say(expected(len(system.points), system.points.shape[1], system.beta, check) + "\n")

    def keep(file: Path, runs: Mapping[str, Course]) -> None:
        save(file, origin, {**resume, **runs})  # what was read may not have its turn again before the next interruption

    with interruptions() as interrupted:
        watch = Watch(file, keep, say, interrupted)
        result = simulate_large_collapse(
            system, tolerance=tolerance, event_chord=event_chord, check=check, progress=watch, resume=resume
        )
    if file is not None:
        file.unlink(missing_ok=True)
    return result


def expected(n: int, dim: int, beta: float, check: bool) -> str:
    """About the processor time and the memory that a run takes, in a line.

    Args:
        n: number of tokens.
        dim: dimension.
        beta: inverse temperature.
        check: whether it is run three times.
    """
    per_token = 0.5e-6 if transforms_are_here() and dim <= 3 and beta <= LARGEST else 1e-8 * n
    fixed = 0.3e-6 * needed_degree(beta, 1e-9)[0] ** 2 if dim == 3 and beta <= LARGEST else 0.0
    lists = 2e-7 * n**2 / max(beta, 1.0) if dim == 3 else math.inf
    first = _SHARE_WHOLE * _STEPS * min(per_token * n + fixed, lists)
    left = min(n, 0.5 * beta) if dim > 2 else min(n, 2 * beta**0.5)
    seconds = (3.2 if check else 1.0) * (first + _CLUSTER * left + 1.5)
    memory = 0.25 + 8e-7 * n
    return (
        f"{n} tokens: about {_brief(seconds)} of processor time and {memory:.1f} GB of memory"
        f"{'' if check else ', without checks'}"
    )


def _brief(seconds: float) -> str:
    for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds > 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
