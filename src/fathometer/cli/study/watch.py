"""`fathometer study watch`: a study that another process computes, until it ends."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.study._options import Kept

if TYPE_CHECKING:
    from fathometer.study import Study

Every = Annotated[float, typer.Option(help="Seconds between two looks, at least 0.1.", metavar="S")]
_MOST_FAILURES = 5
"""That are said at a time."""


def watch(folder: Kept, every: Every = 2.0, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Follow a running study until it ends: how far it is, time left, cells that fail; then show what it came to."""
    from fathometer.cli.study._told import tell
    from fathometer.evidence import finite_number
    from fathometer.study import Study
    from fathometer.study.store._lock import is_locked

    pause = finite_number("every", every, at_least=0.1)
    watched, seen = _Watched(Study(folder)), Study(folder)
    while True:
        runs = is_locked(folder)  # first: what is stored later than this look is seen by the next one
        seen = Study(folder)
        watched.look(seen)
        if not runs:
            return tell(seen, as_json=as_json, out=out, last=_ending(seen))
        time.sleep(pause)


class _Watched:
    """Says what has come since it last looked."""

    def __init__(self, study: "Study") -> None:
        from fathometer.cli.study._told import failures_of
        from fathometer.study import Progress

        done = (study.finished + study.failed) / study.cells
        self._progress = Progress(f"study {study.title}", done=done, every=0.0)
        self._told, self._done = {one.cell for one in failures_of(study)}, -1

    def look(self, study: "Study") -> None:
        """Say how far it is, if that has changed, and what failed."""
        from fathometer.cli.study._told import failures_of, words
        from fathometer.study import say_progress

        done = study.finished + study.failed
        if done != self._done:
            self._progress.at(done / study.cells, f"{done} of {study.cells} cells, {study.failed} failed")
        fresh = [one for one in failures_of(study) if one.cell not in self._told]
        for one in fresh[-_MOST_FAILURES:]:
            say_progress(f"failed: {words(one.where)}: {one.error}")
        self._told |= {one.cell for one in fresh}
        self._done = done


def _ending(study: "Study") -> str:
    left = study.cells - study.finished - study.failed
    return f"nobody computes it: {left} cells are missing" if left else ""
