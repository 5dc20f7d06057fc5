"""The scalar equation with which the collapse of a cap is compared."""

from dataclasses import dataclass

from fathometer.evidence import Problem, finite_number


@dataclass(frozen=True, eq=False)
class ComparisonFlow(Problem):
    """du/dt = u (1 - u) exp(beta (u - 1)) from `start` until 1 - u <= exp(-exponent beta).

    Attributes:
        beta: > 0.
        start: in (0, 1).
        exponent: > 0, such that the flow does not start at its end.

    Raises:
        InputError: if a value is not as above.
    """

    beta: float
    start: float
    exponent: float

    def __post_init__(self) -> None:
        beta = finite_number("beta", self.beta, above=0)
        exponent = finite_number("exponent", self.exponent, above=0, at_most=700 / beta)
        start = finite_number("start", self.start, above=0, below=1)
        for name, value in (("beta", beta), ("exponent", exponent), ("start", start)):
            object.__setattr__(self, name, value)
