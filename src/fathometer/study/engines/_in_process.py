"""Cells one after the other, in this process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fathometer.study._stoppable import stoppable
from fathometer.study.engines._child import Child
from fathometer.study.engines._engine import Cell, Compute, Limits, Outcome
from fathometer.study.engines._one_cell import outcome_of


@dataclass(frozen=True)
class InProcess:
    """Computes here; where there are limits, in one process beside this one, which can be stopped."""

    def run(
        self,
        cells: Sequence[Cell],
        compute: Compute,
        limits: Limits,
        finished: Callable[[Outcome], None],
        announce: Callable[[str], None],
    ) -> None:
        """Compute the cells in order; see `Engine`.

        Args:
            cells: what to compute.
            compute: is called for each.
            limits: what one cell may use.
            finished: takes each outcome.
            announce: is told when a process was lost.
        """
        if limits == Limits():
            for cell in cells:
                finished(stoppable(lambda cell=cell: outcome_of(compute, cell)))
            return
        child = Child(compute, limits)
        try:
            for cell in cells:
                finished(stoppable(lambda cell=cell: child.compute(cell)))
        finally:
            child.stop()  # if the user interrupts, a thread still waits for it
            child.close()
