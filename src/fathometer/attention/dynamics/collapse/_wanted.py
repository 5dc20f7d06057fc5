"""States of a run at given times, taken as it passes them."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse._cloud import Cloud


class Wanted:
    """The states of the tokens that a run is to leave behind.

    Attributes:
        next_log_time: log of the next time at which a state is wanted; inf if there is none left.
        states: those taken so far, each of shape (n, d), unit rows: every token at the place of its cluster.
    """

    def __init__(self, log_times: Sequence[float]) -> None:
        self._left = sorted(log_times, reverse=True)
        self.states: list[Float[np.ndarray, "n d"]] = []
        self.next_log_time = self._left[-1] if self._left else math.inf

    def take(self, places: Float[np.ndarray, "numbers d"], cloud: Cloud) -> None:
        """Take the next state, from the places of all clusters by number."""
        self.states.append(places[cloud.by_token()])
        self._left.pop()
        self.next_log_time = self._left[-1] if self._left else math.inf
