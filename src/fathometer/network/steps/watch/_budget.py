"""Time that looking at a training may take: a share of the time that the training itself takes."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fathometer.evidence import InputError, finite_number


class Budget:
    """Forecasts what a look costs, by the clock, and says whether it can be afforded.

    The first forecast is one step of the training, for a first pass over the batch; the next one so many passes as a
    look has; from then on what the last look took. A look is affordable where all that was spent, with the forecast, is
    at most the share of the training's own time. So the share is overstepped by no more than the error of one forecast.

    Attributes:
        spent: seconds in looks so far.
        looks: how many were made.
        skipped: how many were due and not made.

    Raises:
        InputError: if the share is not positive.
    """

    def __init__(self, share: float, passes: float, clock: Callable[[], float]) -> None:
        if not share > 0:
            raise InputError(f"overhead must be > 0, a share of the training's own time, got {share}")
        self.share = share if math.isinf(share) else finite_number("overhead", share, above=0)
        self.spent, self.looks, self.skipped = 0.0, 0, 0
        self._passes, self._clock = passes, clock
        self._began: float | None = None
        self._before, self._here, self._spent_here = 0.0, 0.0, 0.0
        self._steps = 0
        self._forecast: float | None = None
        self._pass: float | None = None

    def tick(self) -> None:
        """A step of the training is about to be made."""
        if self._began is None:
            self._began = self._clock()
        self._steps += 1
        self._here = self._clock() - self._began - self._spent_here

    def resume(self, training: float, spent: float, looks: int, skipped: int) -> None:
        """Go on with the account of an earlier part of the training.

        Args:
            training: seconds of it without its looks.
            spent: seconds in them.
            looks: how many were made.
            skipped: how many were due and not made.
        """
        self._before, self.spent, self.looks, self.skipped = training, spent, looks, skipped

    @property
    def training(self) -> float:
        """Seconds of the training up to its last step, without its looks."""
        return self._before + self._here

    @property
    def calibrated(self) -> bool:
        """Whether a pass over the batch was timed."""
        return self._pass is not None or self._forecast is not None

    def affords(self) -> bool:
        """Whether the next look, or the pass before the first one, can be paid for."""
        if math.isinf(self.share):
            return True
        if self._steps < 2:
            return False
        return self.spent + self._expected() <= self.share * self.training

    def _expected(self) -> float:
        if self._forecast is not None:
            return self._forecast
        if self._pass is not None:
            return self._passes * self._pass
        return self._here / (self._steps - 1)

    @contextmanager
    def calibrating(self) -> Iterator[None]:
        """Time one pass over the batch."""
        began = self._clock()
        try:
            yield
        finally:
            self._pass = self._charge(began)

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """Time what is done once and not again."""
        began = self._clock()
        try:
            yield
        finally:
            self._charge(began)

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Time one look, with what is told and kept of it."""
        began = self._clock()
        self.looks += 1
        try:
            yield
        finally:
            self._forecast = self._charge(began)

    def _charge(self, began: float) -> float:
        took = self._clock() - began
        self.spent += took
        self._spent_here += took
        return took
