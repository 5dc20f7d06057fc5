"""Runs of studies: what is not there is computed, and every outcome is kept as soon as it is there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import overload

from fathometer.evidence import InputError
from fathometer.study._interruptions import interruptions
from fathometer.study._progress import Progress, Say, say_progress
from fathometer.study.engines._engine import Cell, Engine, Outcome
from fathometer.study.spec._specification import Specification
from fathometer.study.store._arrays import NEEDED, clear_drafts, write_arrays
from fathometer.study.store._checked import checked
from fathometer.study.store._journal import Journal, read_entries
from fathometer.study.store._layout import Layout, layout_of, read_layout, write_layout
from fathometer.study.store._lock import locked
from fathometer.study.store._study import Study
from fathometer.study.store._table import write_table


def run_study(
    specification: Specification, folder: Path, engine: Engine, *, say: Say = say_progress, retry: bool = False
) -> Study:
    """Compute the cells of a study that are not in its folder, and keep each outcome there as soon as it is there.

    An interrupt, a lost process or a full disk loses nothing that was finished: the next run goes on from there. A cell
    that failed is kept with its error, and is not computed again unless that is asked for.

    Args:
        specification: what to compute. One that was changed computes the cells that are new.
        folder: of the study; made if it is not there.
        engine: where to compute.
        say: takes lines on what is done and how far it is.
        retry: compute cells anew that failed before.

    Raises:
        InputError: if the folder holds another study, is in use, or cannot be written to.
        KeyboardInterrupt: at the user's interrupt, after what was finished has been kept.
    """
    from fathometer.report import check_folder  # slow to import, and the processes of a study do without

    folder = Path(folder)
    check_folder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    layout = layout_of(specification)
    with locked(folder), interruptions() as interrupted:
        with _written(folder, "the study"):
            clear_drafts(folder)
            failed = {entry.cell: entry.values is None for entry in read_entries(folder)}
            todo = _todo(specification, failed, retry)
            _settle(folder, layout, failed, len(todo), say)
            run = _Run(specification, folder, say, len(todo), interrupted)
        with _kept(folder, layout, run):
            engine.run(todo, specification.computation.compute, specification.limits, run.finished, run.announce)
    return Study(folder)


class _Run:
    """Takes the outcomes of a run, one after the other."""

    def __init__(self, specification: Specification, folder: Path, say: Say, count: int, stop: Sequence[bool]) -> None:
        total = len(specification.cells)
        self._computation, self._total, self._left, self._stop = specification.computation, total, count, stop
        self.name = f"study {specification.title or self._computation.name}"
        self.say, self.failed, self._stopped = say, 0, False
        self._progress = Progress(self.name, say, done=1 - count / total)
        self.journal = Journal(folder)

    @property
    def there(self) -> str:
        """How many cells there are, in words."""
        failures = f", {self.failed} failed" if self.failed else ""
        return f"{self._total - self._left} of {self._total} cells{failures}"

    def announce(self, line: str) -> None:
        """Say what happens to the machines."""
        self.say(f"{self.name}: {line}")

    def finished(self, outcome: Outcome) -> None:
        """Keep an outcome, and say how far it is.

        Raises:
            KeyboardInterrupt: if the user wished to stop.
        """
        outcome = checked(outcome, self._computation)
        self.journal.take(outcome)
        self._left -= 1
        self.failed += outcome.computed is None
        self._progress.at(1 - self._left / self._total, self.there)
        if self._stop and not self._stopped:  # once: what else is finished meanwhile is kept as well
            self._stopped = True
            raise KeyboardInterrupt


@contextmanager
def _kept(folder: Path, layout: Layout, run: _Run) -> Iterator[None]:
    """However a run ends: close the journal, and write the table and the arrays.

    Yields:
        Nothing.

    Raises:
        KeyboardInterrupt: of the user, after it was said how to go on.
        InputError: if there is no room.
    """
    try:
        yield
    except KeyboardInterrupt:
        _finish(folder, layout, run)
        run.say(f"{run.name}: stopped with {run.there} in {folder}; the same command goes on from there")
        raise
    except BaseException:
        with suppress(InputError):  # what fails now would hide what failed first
            _finish(folder, layout, run)
        raise
    _finish(folder, layout, run)
    run.say(f"{run.name}: {run.there} in {folder}")


@contextmanager
def _written(folder: Path, what: str) -> Iterator[None]:
    """Say in one line that something cannot be written.

    Yields:
        Nothing.

    Raises:
        InputError: if there is no room, say.
    """
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(
            f"{str(folder)!r}: {what} cannot be written: {why}; nothing that was stored is lost"
        ) from error


def _finish(folder: Path, layout: Layout, run: _Run) -> None:
    run.journal.close()
    with _written(folder, "the table"):
        write_table(folder, layout)
    with _written(folder, "the arrays"):
        try:
            write_arrays(folder, layout)
        except ImportError:
            run.say(f"{run.name}: {NEEDED}; they are kept, and the next run writes them")


class _Some(Sequence[Cell]):
    """Cells at some positions, made when they are asked for."""

    def __init__(self, cells: Sequence[Cell], positions: Sequence[int]) -> None:
        self._cells, self._positions = cells, positions

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Cell]: ...
    def __getitem__(self, index: int | slice) -> Cell | Sequence[Cell]:
        if isinstance(index, slice):
            return [self._cells[position] for position in self._positions[index]]
        return self._cells[self._positions[index]]


def _todo(specification: Specification, failed: Mapping[str, bool], retry: bool) -> _Some:
    """The cells that are not there, and those that failed if they are wanted."""
    cells = specification.cells
    address: Callable[[int], str] = cells.address
    kept = {cell for cell, without in failed.items() if not (without and retry)}
    return _Some(cells, [k for k in range(len(cells)) if address(k) not in kept])


def _settle(folder: Path, layout: Layout, failed: Mapping[str, bool], missing: int, say: Say) -> None:
    """Make the folder that of a study, and say what is there already.

    Raises:
        InputError: if it holds another study.
    """
    before = read_layout(folder)
    if before is not None:
        _same_study(folder, before, layout, len(layout.cells) - missing, len(failed))
    if before is None or before.document != layout.document:
        write_layout(folder, layout)
    if failed:
        _say_what_is_there(folder, before, layout, len(layout.cells) - missing, missing, say)


def _same_study(folder: Path, before: Layout, layout: Layout, shared: int, kept: int) -> None:
    """Refuse another study: of another computation, or without a cell in common and without a title in common.

    Raises:
        InputError: if it is another one.
    """
    same_code = before.document["code"] == layout.document["code"]
    unlike = before.title != layout.title or (not layout.title and kept > 0 and same_code)
    if before.computation != layout.computation or (unlike and not shared):
        raise InputError(
            f"{str(folder)!r} holds another study, {before.title!r} of {before.computation}: take another folder"
        )


def _say_what_is_there(folder: Path, before: Layout | None, layout: Layout, there: int, missing: int, say: Say) -> None:
    changed = before is not None and before.digest != layout.digest
    code = changed and before is not None and before.document["code"] != layout.document["code"]
    why = "the code has changed" if code else "the specification has changed" if changed else "the study goes on"
    say(f"{folder}: {why}; {there} of {len(layout.cells)} cells are there, {missing} are to be computed")
