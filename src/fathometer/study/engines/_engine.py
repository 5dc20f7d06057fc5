"""What every engine takes and gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fathometer.study._computation import Computed

Compute = Callable[[Mapping[str, Any], int], Computed]
"""From parameters and a seed to what they come to; it can be pickled by its name."""


@dataclass(frozen=True)
class Cell:
    """One cell: its address, its parameters, its seed."""

    address: str
    parameters: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class Limits:
    """What one cell may use; None is no limit.

    Attributes:
        seconds: of wall time.
        memory: bytes, of the process that computes.
    """

    seconds: float | None = None
    memory: float | None = None


@dataclass(frozen=True)
class Outcome:
    """A finished or failed cell.

    Attributes:
        cell: which.
        computed: what it came to; None if it failed.
        error: one line, such as "InputError: beta must be positive"; empty if it did not fail.
        traceback: of the failure, whole.
        seconds: of wall time that it took, by a monotonic clock of the machine that computed it.
        machine: host and process that computed it.
    """

    cell: Cell
    computed: Computed | None
    error: str = ""
    traceback: str = ""
    seconds: float = 0.0
    machine: str = ""


class Engine(Protocol):
    """Computes cells somewhere, in any order."""

    def run(
        self,
        cells: Sequence[Cell],
        compute: Compute,
        limits: Limits,
        finished: Callable[[Outcome], None],
        announce: Callable[[str], None],
    ) -> None:
        """Compute all cells; each is handed to `finished` as soon as it is there, in the caller's thread.

        Args:
            cells: what to compute.
            compute: is called for each, here or elsewhere.
            limits: what one cell may use; a cell that goes beyond them has failed, and the others go on.
            finished: takes each outcome, once. What it raises (a full disk, say) ends the run.
            announce: takes lines on what happens to the machines: a worker that was lost, say.

        Raises:
            KeyboardInterrupt: at the user's interrupt, after what was finished has been handed over.
            InputError: if the machines cannot be used: nobody listens at the address, other versions.
        """
        ...
