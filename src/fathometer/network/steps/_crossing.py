"""The smallest step at which a function exceeds its value at 0, from values alone."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, InputError, text_up

_ASIDE = 0.45  # of the width that is asked for: how far beside the expected root a bracket's end is put
_FARTHEST, _NEAREST = 4.0, 0.1  # factors of the last step while one side of the bracket is missing
_PROBE, _DOUBT = 2.5e-4, 3.0
_ROUNDED = 4.0
_SURE = 1e6  # differences of so many roundings need no probe


class Crossing(NamedTuple):
    """A bracket of the step, and the differences that led to it, shape (steps, 2), in the order they were asked for."""

    step: Estimate
    tried: NDArray[np.float64]


def first_crossing(
    difference: Callable[[float], float],
    start: float,
    *,
    slope: float | None = None,
    rtol: float = 1e-2,
    evaluations: int = 30,
    least: float = 0.0,
    rounding: float = 0.0,
) -> Crossing:
    """Bracket the smallest s > 0 with f(s) > f(0).

    The root of (f(s) - f(0))/s, which is a line where f is a parabola, is expected by interpolation through the last
    points; the ends of the bracket are put beside it, and it is halved where that gains nothing. No evaluation is at
    more than four times the last step that was not above. What is certain, up to the rounding of f: f is not above
    f(0) at the lower end and is above it at the upper end, so that a continuous f crosses in between. A dip between two
    steps that were tried, with a smaller crossing, is not seen.

    Args:
        difference: f(s) - f(0); what is not finite counts as above.
        start: first step to try, positive.
        slope: -f'(0), if it is known.
        rtol: width of the bracket relative to its lower end, in (0, 1).
        evaluations: most of them; then the bracket is as wide as it is.
        least: steps below are lost in the rounding of what f depends on.
        rounding: of f, the distance of f(0) from the next number of its format.

    Raises:
        InputError: if f rises from the start, or nothing says that it falls.
    """
    search = _Search(difference, slope, rtol, evaluations, rounding)
    if slope is not None and slope <= 0:
        raise InputError(f"the direction must lead downhill: the loss rises along it, at a rate of {-slope:.3g}")
    search.enclose(start, least)
    search.narrow()
    return Crossing(search.bracket(), np.array(search.tried))


class _Search:
    """The last step that was not above, the first one that was, and where the root between them is expected."""

    def __init__(
        self, difference: Callable[[float], float], slope: float | None, rtol: float, evaluations: int, rounding: float
    ) -> None:
        self._difference, self._slope, self._rtol = difference, slope, rtol
        self._left, self._rounding = evaluations, rounding
        self.tried: list[tuple[float, float]] = []
        self.lower, self.upper = 0.0, math.inf

    def ask(self, step: float) -> bool:
        """Whether f is above f(0) there; the bracket takes it in."""
        value = float(self._difference(step))
        value = value if math.isfinite(value) else math.inf
        self.tried.append((step, value))
        self._left -= 1
        if value > 0:
            self.upper = min(self.upper, step)
        else:
            self.lower = max(self.lower, step) if step < self.upper else self.lower
        return value > 0

    def enclose(self, start: float, least: float) -> None:
        """Go up from the start until f is above, or down until it is not.

        Raises:
            InputError: if it is above down to the least step.
        """
        if self.ask(start):
            factor = _NEAREST
            while self._left > 0 and self.lower == 0:
                if self.upper <= least or self.upper < np.finfo(float).tiny / _NEAREST:
                    at = f"already at a step of {text_up(self.upper, 3)}"
                    raise InputError(f"the direction must lead downhill: the loss rises along it {at}")
                self.ask(min(max(self.expected() * self._beside(-1), factor * self.upper), self.upper / 2))
                factor *= _NEAREST if self._slope is None else 1.0
            return
        least_factor = 1 + self._rtol
        while self._left > 0 and self.upper == math.inf and self.lower < np.finfo(float).max / _FARTHEST:
            aim = self.expected() * self._beside(+1)
            aim = aim if aim > self.lower else 2 * self.lower
            self.ask(min(max(aim, least_factor * self.lower), _FARTHEST * self.lower))
            least_factor = 2.0

    def narrow(self) -> None:
        """Put both ends beside the expected root, the farther one first; halve where that did not halve."""
        stalled = 0
        while self._left > 1 and self.lower > 0 and self._wide():
            width, root = self.upper / self.lower, self.expected()
            if stalled > 1:
                self.ask(math.sqrt(self.lower * self.upper))
                stalled = 0
                continue
            below, above = root * self._beside(-1), root * self._beside(+1)
            lower_first = self.lower < below and (root - self.lower > self.upper - root or above >= self.upper)
            self.ask(below if lower_first else above if above < self.upper else math.sqrt(self.lower * self.upper))
            stalled = stalled + 1 if self.upper / self.lower > math.sqrt(width) else 0

    def bracket(self) -> Estimate:
        """The last step that is surely not above and the first that surely is, with the root expected between them.

        Raises:
            InputError: if nothing says that the function falls anywhere.
        """
        if self.upper == math.inf:
            return Estimate.heuristic(math.inf, self.lower, math.inf)
        root = min(max(self.expected(), self.lower), self.upper)
        noise = self._noise(root)
        for end in (-1, +1):
            aside = _ASIDE * self._rtol
            while not self._clear(end, noise) and self._left > 0 and aside < 1:
                self.ask(root * (1 + end * aside))
                aside *= 4
        surely_below = [s for s, f in self.tried if f < -noise and s <= root]
        surely_above = [s for s, f in self.tried if f > noise and s >= root]
        if self._slope is None and not surely_below:
            raise InputError("the direction must lead downhill: no step along it lowers the loss beyond its rounding")
        return Estimate.heuristic(root, max(surely_below, default=0.0), min(surely_above, default=math.inf))

    def _clear(self, end: int, noise: float) -> bool:
        """Whether the end of the bracket is one at which the sign is beyond doubt."""
        at = self.lower if end < 0 else self.upper
        return any(step == at and end * value > noise for step, value in self.tried)

    def _noise(self, root: float) -> float:
        """How large a difference may be for rounding alone: what a step of nearly nothing shows, with room.

        The probe is so short that its true difference is far below those at the ends of the bracket.
        """
        floor = _ROUNDED * self._rounding
        doubtful = min(abs(value) for step, value in self.tried if step in (self.lower, self.upper))
        if doubtful > _SURE * self._rounding or self._left < 1:
            return floor
        step = _PROBE * root
        seen = float(self._difference(step))
        self._left -= 1
        self.tried.append((step, seen))
        return max(floor, _DOUBT * abs(seen + (self._slope or 0.0) * step))

    def _wide(self) -> bool:
        return self.upper - self.lower > self._rtol * self.lower

    def _beside(self, side: int) -> float:
        return 1 + side * _ASIDE * self._rtol

    def expected(self) -> float:
        """The root of the parabola, or of the line, through the values of f(s)/s nearest to the bracket."""
        points = [(s, f / s) for s, f in self.tried if math.isfinite(f)]
        points += [(0.0, -self._slope)] if self._slope is not None else []
        middle = math.sqrt(self.lower * self.upper) if 0 < self.lower < self.upper < math.inf else 0.0
        points.sort(key=lambda point: self._distance(point[0]))
        for count in (3, 2):
            if (root := _root(points[:count])) and self.lower < root < self.upper:
                return root
        return middle

    def _distance(self, step: float) -> float:
        """Of a step from the bracket: its ends come first."""
        ends = [end for end in (self.lower, self.upper) if 0 < end < math.inf]
        return min(abs(step - end) for end in ends)


def _root(points: list[tuple[float, float]]) -> float | None:
    """Where the polynomial through the points is 0, right of 0 and rising; None if nowhere or not alone."""
    if len(points) < 2:
        return None
    x, y = np.array(points).T
    scale = float(np.max(x))
    if scale == 0 or len(set(x)) < len(x) or not np.any(y):
        return None
    with np.errstate(all="ignore"):
        coefficients = np.polyfit(x / scale, y / np.max(np.abs(y)), len(x) - 1)
        if not np.all(np.isfinite(coefficients)):
            return None
        roots = np.roots(coefficients)
    rising = [
        float(root.real) * scale
        for root in np.atleast_1d(roots)
        if abs(root.imag) < 1e-12 and root.real > 0 and np.polyval(np.polyder(coefficients), root.real) > 0
    ]
    return min(rising) if rising else None
