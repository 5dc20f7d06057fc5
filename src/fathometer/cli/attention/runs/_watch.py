"""A long simulation under watch: an estimate before it, progress with time left, what is kept when it is stopped."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fathometer.evidence import Trajectory

Keep = Callable[["Trajectory"], None]

_SHORT = 5.0
"""Seconds up to which a run is made in one go."""
_STAGES, _WAYS = 7, 2.3
"""Evaluations for a step, and what a run and its two twins cost in units of the run."""
_STEP, _FIRST = 0.5, 40
"""Usual step, and steps that short times take in addition: both a rule of thumb."""


class SimulationWatch:
    """Decides whether a run is long, says how far it is, and keeps what there is when the user stops it.

    Args:
        times: of the run.
        evaluate: the right-hand side once, compiled by its first call.
        keep: is given what there is when the run is interrupted; None keeps nothing.
        advice: what would take less time.
    """

    def __init__(self, times: "NDArray", evaluate: Callable[[], object], keep: Keep | None, advice: str) -> None:
        import numpy as np

        from fathometer.study import Progress

        self._times, self._keep, self._advice = times, keep, advice
        steps = np.maximum(1, np.diff(times) / _STEP)
        self._steps = np.append(0.0, np.cumsum(steps + _FIRST / len(steps)))
        self._progress = Progress("simulation")
        self._part, self._detail = 0.0, "timing the forces"
        self._so_far: Callable[[], Trajectory] | None = None
        self._evaluate = evaluate

    def follow(self, work: Callable[[bool], "Trajectory"]) -> "Trajectory":
        """Run, in the way that suits the estimated time.

        Args:
            work: from whether the run is watched to the run.

        Raises:
            KeyboardInterrupt: as the user wishes, once what there is was kept.
        """
        from fathometer.study import stoppable

        def run() -> "Trajectory":
            seconds = self._estimate()
            self._progress.expect(seconds, self._advice)
            return work(seconds > _SHORT)

        try:
            return stoppable(run, lambda: self._progress.at(self._part, self._detail))
        except KeyboardInterrupt:
            if self._keep is not None and self._so_far is not None:
                self._keep(self._so_far())
            raise

    def __call__(self, now: float, so_far: Callable[[], "Trajectory"]) -> None:
        """Take note of how far the run is."""
        import numpy as np

        count = int(np.searchsorted(self._times, now, side="right"))
        self._part = float(self._steps[count - 1] / self._steps[-1])
        self._detail = f"t = {now:.3g} of {self._times[-1]:.3g}"
        self._so_far = so_far

    def _estimate(self) -> float:
        """Seconds that the run will take, from a right-hand side that is timed."""
        self._evaluate()
        began = time.monotonic()
        self._evaluate()
        return (time.monotonic() - began) * _STAGES * _WAYS * float(self._steps[-1])
