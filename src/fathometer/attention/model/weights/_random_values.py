"""Tokens whose value matrix is drawn anew again and again, the same for all of them."""

from dataclasses import dataclass

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.evidence import InputError, Problem, finite_number


@dataclass(frozen=True, eq=False)
class RandomValues(Problem):
    """dx_i/dt = P_{x_i} V_t sum_j softmax_j(beta <Q x_i, K x_j>) x_j with V_t of independent N(0, 1/d) entries.

    V_t is the same for all tokens and constant for a time `redraw`, after which it is drawn again: noise that tokens
    share. As `redraw` tends to 0, in the time redraw t, it becomes an equation in the sense of Stratonovich with a
    Brownian motion of matrices whose entries have variance 1/d in a unit of that time. Definition ours, after an
    abstract on random values.

    Attributes:
        system: tokens at time 0, beta, model and masses.
        redraw: time between two draws, above 0.
        variant: of the same system, with its queries, keys, mask and normalisation; its values are not used. The plain
            model when not given.

    Raises:
        InputError: if redraw is not positive, or the variant is of another system, has several heads or lets vectors
            grow.
    """

    system: ParticleSystem
    redraw: float
    variant: Variant = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "redraw", finite_number("redraw", self.redraw, above=0))
        object.__setattr__(self, "variant", Variant(self.system) if self.variant is None else self.variant)
        if self.variant.system != self.system or self.variant.heads != 1 or self.variant.normalization.grows:
            raise InputError("random values need one head, and normalization post or ngpt")
