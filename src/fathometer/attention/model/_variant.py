"""A particle system with the parts of a Transformer layer that the plain model leaves out.

One description for every solver: `ParticleSystem` says tokens, masses, beta and SA or USA; `Variant` adds to it what a
layer has besides, and `NoisySystem` adds noise to either. Adaptive integration, layers and noise read the same field.
"""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model._variant_field import Normalization, Rules, Weights
from fathometer.evidence import InputError, Problem, finite_array


@dataclass(frozen=True, eq=False)
class Variant(Problem):
    """Tokens whose attention has weights and perhaps a causal mask.

    The score of token j for token i is beta <Q x_i, K x_j>, and the average is over V x_j. As in the plain model, SA
    divides by the sum of the weights and USA uses exp(score - beta).

    With `hard`, all weight goes to the token of the highest score among the other ones, the first of equals, whatever
    its mass; a token that sees no other one stays (SA only).

    Attributes:
        system: tokens at time 0, beta, model and masses.
        query: Q, shape (d, d); identity when not given.
        key: K, shape (d, d); identity when not given.
        value: V, shape (d, d); identity when not given.
        causal: token i sees the tokens j <= i only.
        normalization: POST or PRE; the radii of PRE are 1 at time 0.
        hard: hardmax instead of softmax.

    Raises:
        InputError: if a matrix has another shape or is not finite, or USA is asked to be hard.
    """

    system: ParticleSystem
    query: NDArray[np.float64] = None  # type: ignore[assignment]
    key: NDArray[np.float64] = None  # type: ignore[assignment]
    value: NDArray[np.float64] = None  # type: ignore[assignment]
    causal: bool = False
    normalization: Normalization = Normalization.POST
    hard: bool = False

    def __post_init__(self) -> None:
        dim = self.system.points.shape[1]
        for name in ("query", "key", "value"):
            object.__setattr__(self, name, _square(name, getattr(self, name), dim))
        object.__setattr__(self, "normalization", Normalization(self.normalization))
        if self.hard and self.system.model is not Model.SA:
            raise InputError("hard attention is a limit of softmax: the model must be sa, got usa")

    @property
    def weights(self) -> Weights:
        """Q, K and V, as the field reads them."""
        return jnp.asarray(self.query), jnp.asarray(self.key), jnp.asarray(self.value)

    @property
    def rules(self) -> Rules:
        """What is fixed when the field is compiled."""
        return Rules(self.system.model, self.causal, self.normalization, self.hard)


def _square(name: str, matrix: ArrayLike | None, dim: int) -> NDArray[np.float64]:
    array = finite_array(name, np.eye(dim) if matrix is None else matrix, ndim=2)
    if array.shape != (dim, dim):
        raise InputError(f"{name} must have shape {(dim, dim)}, got {array.shape}")
    return array
