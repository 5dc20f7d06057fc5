"""Descent with momentum: heavy ball and Nesterov, and how far they reach."""

import cmath
from dataclasses import dataclass

from fathometer.evidence import InputError, Record, finite_number


@dataclass(frozen=True, eq=False)
class Momentum(Record):
    """Descent that keeps a share of its last move.

    Heavy ball: W(t+1) = W(t) + beta (W(t) - W(t-1)) - step grad R(W(t)). Nesterov takes the gradient at
    W(t) + beta (W(t) - W(t-1)). Both start at rest.

    Attributes:
        beta: share of the last move, in [0, 1).
        nesterov: where the gradient is taken.

    Raises:
        InputError: if beta is out of range.
    """

    beta: float
    nesterov: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", finite_number("beta", self.beta, at_least=0, below=1))

    @classmethod
    def parse(cls, text: str) -> "Momentum":
        """Read KIND:BETA with KIND heavy-ball or nesterov, such as nesterov:0.9.

        Raises:
            InputError: if the text has another form.
        """
        kind, colon, beta = text.partition(":")
        if not colon or kind not in ("heavy-ball", "nesterov"):
            raise InputError(f"momentum must be heavy-ball:BETA or nesterov:BETA, got {text!r}")
        return cls(finite_number("beta", beta), nesterov=kind == "nesterov")

    def __str__(self) -> str:
        return f"{'nesterov' if self.nesterov else 'heavy-ball'}:{self.beta:g}"

    @property
    def reach(self) -> float:
        """Step times curvature beyond which descent is unstable: 2 (1 + beta), or (2 + 2 beta) / (1 + 2 beta).

        Derived: -1 is then a root of the polynomial of `spectral_radius`. It is 2 without momentum.
        """
        return 2 * (1 + self.beta) / (1 + 2 * self.beta if self.nesterov else 1)

    def spectral_radius(self, step_times_curvature: float) -> float:
        """Factor per step of a displacement along an eigenvector, in the long run.

        Derived: with x = step * curvature, the displacement obeys a recurrence of second order with the polynomial
        z^2 - (1 + beta - x) z + beta, or z^2 - (1 + beta) (1 - x) z + beta (1 - x) for Nesterov.
        """
        x, beta = step_times_curvature, self.beta
        trace, determinant = ((1 + beta) * (1 - x), beta * (1 - x)) if self.nesterov else (1 + beta - x, beta)
        root = cmath.sqrt(trace**2 / 4 - determinant)
        return max(abs(trace / 2 + root), abs(trace / 2 - root))
