"""A network with random initial weights, as a problem."""

from dataclasses import dataclass

from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._network import hidden_widths
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, Problem, finite_number


@dataclass(frozen=True, eq=False)
class RandomStart(Problem):
    """A network with random initial weights: residual ones if it has a readout, else Gaussian ones.

    Attributes:
        network: the network.
        scale: of the weights, at least 0; see `residual_moments` and `gaussian_moments`.
        width: of all hidden layers; d with a readout.

    Raises:
        InputError: if the scale is negative, or the width does not fit.
    """

    network: DeepLinear
    scale: float
    width: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", finite_number("scale", self.scale, at_least=0))
        hidden_widths(self.network, self.width)
        d = self.network.regression.dimension
        if self.network.readout is not None and self.width != d:
            raise InputError(f"width must be {d}, the number of inputs, with a readout, got {self.width}")

    @property
    def initial(self) -> Initial:
        """The distribution of the weights."""
        return Initial(InitialKind.GAUSSIAN if self.network.readout is None else InitialKind.RESIDUAL, self.scale)
