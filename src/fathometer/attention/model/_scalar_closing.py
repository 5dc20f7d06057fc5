"""The scalar equation behind the staircase theorem."""

from dataclasses import dataclass

import numpy as np

from fathometer.evidence import Problem, finite_number


@dataclass(frozen=True, eq=False)
class ScalarClosing(Problem):
    """du/dt = -c log(beta) sin u, from `angle` down to sqrt(log(beta)/beta).

    Attributes:
        angle: u at time 0, in (sqrt(log(beta)/beta), pi).
        rate: c > 0.
        beta: > e.

    Raises:
        InputError: if a value is not as above.
    """

    angle: float
    rate: float
    beta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", finite_number("beta", self.beta, above=np.e))
        object.__setattr__(self, "rate", finite_number("rate", self.rate, above=0))
        object.__setattr__(self, "angle", finite_number("angle", self.angle, above=self.end, below=np.pi))

    @property
    def end(self) -> float:
        """The last angle."""
        return float(np.sqrt(np.log(self.beta) / self.beta))
