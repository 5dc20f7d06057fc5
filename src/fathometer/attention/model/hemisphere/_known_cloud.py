"""Tokens that are known up to an error, at a moment of a run: from there on the cone lemma speaks, a posteriori."""

import functools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem, finite_number
from fathometer.numerics import hemisphere_axis


@dataclass(frozen=True, eq=False)
class KnownCloud(Problem):
    """n tokens, each within a distance of a known place, at a moment of a run.

    Attributes:
        system: the tokens at their known places.
        error: largest distance of a token from its place, at least 0.
        log_time: log of the time since the start of the run; None for the start itself.

    Raises:
        InputError: if a value is not as above.
    """

    system: ParticleSystem
    error: float
    log_time: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "error", finite_number("error", self.error, at_least=0))
        if self.log_time is not None:
            object.__setattr__(self, "log_time", finite_number("log_time", self.log_time))

    @functools.cached_property
    def _axis(self) -> tuple[Float[np.ndarray, " d"], Estimate]:
        return hemisphere_axis(self.system.points)

    @property
    def axis(self) -> Float[np.ndarray, " d"]:
        """Unit vector w with the largest min_i <x_i, w>."""
        return self._axis[0]

    @property
    def margin(self) -> Estimate:
        """Largest min_i <x_i, w>; its interval contains that of the true tokens, whose w may be another."""
        own = self._axis[1]
        return Estimate.enclosed(own.value, float(own.lower) - self.error, float(own.upper) + self.error)


def _margin(problem: Problem) -> Estimate:
    return KnownCloud.expect(problem).margin


CERTAINLY_IN_A_HEMISPHERE = Hypothesis(
    "all tokens in an open hemisphere, whatever the error", AtLeast(1e-9, domain=(-1, 1)), _margin
)
