"""What is fixed before a network sees any data: its shape, its training and the shares of the split."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fathometer.evidence import InputError, Record, finite_number, whole_number

PARTS = ("prior", "certificate", "held_out", "test")
SHARES = {"prior": 0.45, "certificate": 0.27, "held_out": 0.18, "test": 0.1}


LARGEST = {"checkpoints": 1000, "prior_steps": 10**8, "posterior_steps": 10**8, "batch": 10**6, "draws": 10**7}
"""What a file that somebody else wrote may ask for."""


class Objective(StrEnum):
    """The bound that the posterior is trained to minimise; the certificate is always the inverse kl."""

    QUAD = "quad"
    LAMBDA = "lambda"
    KL = "kl"


@dataclass(frozen=True, eq=False)
class NetworkSettings(Record):
    """A network and its training, all of it chosen without a look at the certificate part.

    Attributes:
        hidden: widths of the hidden layers; none for a linear model.
        objective: the bound that the posterior minimises.
        shares: share of the rows by part of the split. Where the test rows are given, the other three are scaled up.
        pmin: smallest probability that the bounded cross-entropy sees.
        prior_sigma: standard deviation of every weight under the prior.
        checkpoints: number of networks that the training of the prior hands to `occam`; the last is the prior mean.
        prior_steps: steps of Adam for the prior mean, on the prior part.
        posterior_steps: steps for the posterior, on prior and certificate part.
        batch: rows in a step.
        draws: at least this many draws of a network, each on one row, measure the Gibbs risk.

    Raises:
        InputError: if a number is out of its range, or the shares are not those of the four parts.
    """

    hidden: tuple[int, ...] = (100, 100)
    objective: Objective | str = Objective.QUAD
    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    pmin: float = 1e-4
    prior_sigma: float = 0.03
    checkpoints: int = 5
    prior_steps: int = 2000
    posterior_steps: int = 1000
    batch: int = 128
    draws: int = 100_000

    def __post_init__(self) -> None:
        widths = tuple(whole_number("hidden", width, at_least=1, at_most=10_000) for width in self.hidden)
        object.__setattr__(self, "hidden", widths)
        if str(self.objective) not in list(Objective):
            raise InputError(f"objective must be {', '.join(Objective)}, got {str(self.objective)!r}")
        object.__setattr__(self, "objective", Objective(str(self.objective)))
        if tuple(self.shares) != PARTS:
            raise InputError(f"shares must name {', '.join(PARTS)}, got {', '.join(self.shares)}")
        finite_number("pmin", self.pmin, above=0, below=0.5)
        finite_number("prior_sigma", self.prior_sigma, above=0)
        for name, most in LARGEST.items():
            if whole_number(name, getattr(self, name), at_least=1) > most:
                raise InputError(f"{name} must be at most {most}, got {getattr(self, name):.6g}")


def shares_with_prior(prior: float) -> dict[str, float]:
    """The shares with another one for the prior; the other parts keep their proportions.

    Raises:
        InputError: if it is not in [0.05, 0.9].
    """
    share = finite_number("prior share", prior, at_least=0.05, at_most=0.9)
    rest = (1 - share) / (1 - SHARES["prior"])
    return {name: share if name == "prior" else value * rest for name, value in SHARES.items()}
