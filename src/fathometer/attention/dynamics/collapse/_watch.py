"""What stands beside a long collapse: lines of progress, and a file that is written now and then."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, Protocol, TypeVar, runtime_checkable

SAY_EVERY = 2.0
SAVE_EVERY = 60.0
"""Seconds."""


@runtime_checkable
class Underway(Protocol):
    """A run on its way."""

    @property
    def clusters(self) -> int:
        """How many are left."""
        ...

    @property
    def log_time(self) -> float:
        """How far it is."""
        ...


R = TypeVar("R", bound=Underway)


class Watch(Generic[R]):
    """Called with the runs of a collapse by their names, as they go on."""

    def __init__(
        self,
        file: Path | None,
        save: Callable[[Path, Mapping[str, R]], None],
        say: Callable[[str], object],
        interrupted: list[bool],
    ) -> None:
        """Begin.

        Args:
            file: where unfinished runs are kept; None for nowhere.
            save: writes them.
            say: writes a line of progress.
            interrupted: has an entry once the user has interrupted.
        """
        self._file, self._write, self._say, self._interrupted = file, save, say, interrupted
        self._said = self._saved = time.monotonic()
        self._runs: dict[str, R] = {}

    def __call__(self, name: str, run: R) -> None:
        """Follow a run, which is kept with the others.

        Raises:
            KeyboardInterrupt: after an interruption, once the file is written.
        """
        self._runs[name] = run
        self._follow(name, run)

    def again(self, name: str, run: R) -> None:
        """Follow a run that is made once more for its states; what is saved are the first ones, which tell it all."""
        self._follow(f"{name}, for its states", run)

    def _follow(self, name: str, run: R) -> None:
        now = time.monotonic()
        if now - self._said > SAY_EVERY:
            self._said = now
            self._say(f"{name}: {run.clusters} clusters left, log t = {run.log_time:.6g}\n")
        if self._interrupted or now - self._saved > SAVE_EVERY:
            self._saved = now
            self._save()
        if self._interrupted:
            raise KeyboardInterrupt

    def _save(self) -> None:
        if self._file is not None:
            self._write(self._file, self._runs)
            self._say(f"saved to {self._file}; the same command goes on from there\n")
