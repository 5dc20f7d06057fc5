"""The norm layers of a network's layer: where they stand, and what attention and MLP read behind them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record, finite_array, finite_number

PLACES = ("pre", "post")
KINDS = ("layer", "rms")


@dataclass(frozen=True, eq=False)
class Norms(Record):
    """The two norm layers of one layer; the first belongs to the attention (part 0), the second to the MLP (part 1).

    With "pre", y <- y + F(N y) for either part; with "post", y <- N(y + F(y)). N subtracts the mean over coordinates
    unless its kind is "rms", divides by the root of the mean square plus `eps`, then multiplies by gain and adds bias.

    Attributes:
        place: pre or post.
        kind: layer or rms.
        gains: of both, shape (d,) each.
        biases: of both, shape (d,) each.
        eps: at least 0.

    Raises:
        InputError: if place or kind is another word, shapes differ, or a number is not finite.
    """

    place: str
    kind: str
    gains: tuple[NDArray[np.float64], NDArray[np.float64]]
    biases: tuple[NDArray[np.float64], NDArray[np.float64]]
    eps: float = 0.0

    def __post_init__(self) -> None:
        for name, allowed in (("place", PLACES), ("kind", KINDS)):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} of the norms must be {' or '.join(allowed)}, got {getattr(self, name)!r}")
        object.__setattr__(self, "eps", finite_number("eps of the norms", self.eps, at_least=0))
        for name in ("gains", "biases"):
            made = tuple(finite_array(f"{name} of the norms", each, ndim=1) for each in getattr(self, name))
            object.__setattr__(self, name, made)
        if len({len(each) for each in (*self.gains, *self.biases)}) > 1:
            raise InputError("gains and biases of the norms must have one entry for each coordinate of a token")

    def read(self, part: int, rows: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
        """What a part reads of the residual stream."""
        return rows if self.place == "post" else self._applied(part, rows)

    def behind(self, part: int, rows: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
        """The residual stream behind a part, given the sum of what it was and what the part adds."""
        return rows if self.place == "pre" else self._applied(part, rows)

    def reading(self, part: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """G and b of what a part reads, G x + b, in terms of the unit vector x that a norm makes.

        Under "post" this is the other norm: the one behind the part before it, if all layers have the same norms.
        """
        norm = part if self.place == "pre" else 1 - part
        return self.gains[norm] * np.sqrt(len(self.gains[norm])), self.biases[norm]

    @property
    def centre(self) -> NDArray[np.float64]:
        """The matrix that subtracts the mean over coordinates; the identity for the kind rms."""
        d = len(self.gains[0])
        return np.eye(d) - (1 / d if self.kind == "layer" else 0.0)

    def _applied(self, norm: int, rows: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
        centred = rows - np.mean(rows, axis=1, keepdims=True) if self.kind == "layer" else rows
        size = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + self.eps)
        return centred / np.where(size > 0, size, 1.0) * self.gains[norm] + self.biases[norm]
