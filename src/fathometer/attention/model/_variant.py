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
from fathometer.attention.model.weights._mlp import Activation, Mlp, read_activation
from fathometer.evidence import InputError, Problem, finite_array


@dataclass(frozen=True, eq=False)
class Variant(Problem):
    """Tokens whose attention has weights, perhaps several heads, a causal mask and an MLP beside it.

    The score of token j for token i is beta <Q x_i, K x_j>, and the average is over V x_j. As in the plain model, SA
    divides by the sum of the weights and USA uses exp(score - beta). Heads are summed; an MLP adds M(x_i).

    With `hard`, all weight goes to the token of the highest score among the other ones, the first of equals, whatever
    its mass; a token that sees no other one stays (SA only).

    Attributes:
        system: tokens at time 0, beta, model and masses.
        query: Q, shape (d, d), or (heads, k, d) with any k; identity when not given.
        key: K, shape of the query; identity when not given.
        value: V, shape (d, d), or (heads, d, d) with the output matrix of each head included; when not given, the
            identity, divided by the number of heads.
        causal: token i sees the tokens j <= i only.
        normalization: one of `Normalization`; the radii of vectors that grow are 1 at time 0.
        hard: hardmax instead of softmax.
        query_bias: added to Q x_i, shape (k,), or (heads, k); none when not given.
        bias: added to the average, shape (d,); none when not given (SA only, where biases of values add up to one).
        mlp: of the layer; none when not given.

    Raises:
        InputError: if an array has another shape or is not finite, or USA is asked to be hard or to have a bias.
    """

    system: ParticleSystem
    query: NDArray[np.float64] = None  # type: ignore[assignment]
    key: NDArray[np.float64] = None  # type: ignore[assignment]
    value: NDArray[np.float64] = None  # type: ignore[assignment]
    causal: bool = False
    normalization: Normalization = Normalization.POST
    hard: bool = False
    query_bias: NDArray[np.float64] | None = None
    bias: NDArray[np.float64] | None = None
    mlp: Mlp | None = None

    def __post_init__(self) -> None:
        heads, dim = self._heads(), self.system.points.shape[1]
        for name in ("query", "key", "value"):
            object.__setattr__(self, name, self._matrix(name, heads, dim))
        self._check_heads()
        for name, shape in (("query_bias", self.query.shape[:-1]), ("bias", (dim,))):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _shaped(name, getattr(self, name), shape))
        if self.mlp is not None and self.mlp.up.shape[1] != dim:
            raise InputError(f"up of the MLP must have {dim} columns, as tokens have, got {self.mlp.up.shape[1]}")
        object.__setattr__(self, "normalization", Normalization(self.normalization))
        self._check_model()

    def _heads(self) -> int | None:
        """Number of heads of the matrices that are given; None if these are of shape (d, d)."""
        given = [np.shape(m) for m in (self.query, self.key, self.value) if m is not None]
        return next((shape[0] for shape in given if len(shape) == 3), None)

    def _matrix(self, name: str, heads: int | None, dim: int) -> NDArray[np.float64]:
        given = getattr(self, name)
        if heads is None:
            return _shaped(name, np.eye(dim) if given is None else given, (dim, dim))
        if given is None:
            share = heads if name == "value" else 1
            return np.broadcast_to(np.eye(dim) / share, (heads, dim, dim)).copy()
        matrix = finite_array(name, given, ndim=3)
        wanted = (heads, dim if name == "value" else matrix.shape[1], dim)
        if matrix.shape != wanted or not matrix.size:
            size = "d" if name == "value" else "k"
            raise InputError(f"{name} must have shape (heads, {size}, d) = {wanted}, got {matrix.shape}")
        return matrix

    def _check_heads(self) -> None:
        if self.query.shape != self.key.shape:
            raise InputError(f"key must have the shape of query, {self.query.shape}, got {self.key.shape}")

    def _check_model(self) -> None:
        if self.system.model is Model.SA:
            return
        if self.hard:
            raise InputError("hard attention is a limit of softmax: the model must be sa, got usa")
        if self.bias is not None:
            raise InputError("a bias of the values needs weights that sum to one: the model must be sa, got usa")

    @property
    def heads(self) -> int:
        """How many heads there are."""
        return 1 if self.query.ndim == 2 else len(self.query)

    @property
    def weights(self) -> Weights:
        """The arrays, as the field reads them."""
        query_bias, bias = (None if array is None else jnp.asarray(array) for array in (self.query_bias, self.bias))
        mlp = None if self.mlp is None else self.mlp.arrays
        query, key, value = map(jnp.asarray, (self.query, self.key, self.value))
        return Weights(query, key, value, query_bias, bias, mlp)

    @property
    def rules(self) -> Rules:
        """What is fixed when the field is compiled."""
        activation = Activation.GELU if self.mlp is None else read_activation(self.mlp.activation)
        return Rules(self.system.model, self.causal, self.normalization, self.hard, activation)


def _shaped(name: str, array: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    made = finite_array(name, array, ndim=len(shape))
    if made.shape != shape:
        raise InputError(f"{name} must have shape {shape}, got {made.shape}")
    return made
