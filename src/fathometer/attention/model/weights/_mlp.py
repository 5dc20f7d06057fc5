"""The MLP of a layer: its arrays, and what it adds to a token."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError, Problem, finite_array


class Activation(StrEnum):
    """What an MLP applies to every hidden number; GELU is exact, GELU_TANH its usual approximation."""

    GELU = "gelu"
    GELU_TANH = "gelu_tanh"
    RELU = "relu"
    SILU = "silu"
    TANH = "tanh"
    IDENTITY = "identity"

    def __call__(self, hidden: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Apply it to every number."""
        return _FUNCTIONS[self](hidden)


_FUNCTIONS = {
    Activation.GELU: lambda hidden: jax.nn.gelu(hidden, approximate=False),
    Activation.GELU_TANH: jax.nn.gelu,
    Activation.RELU: jax.nn.relu,
    Activation.SILU: jax.nn.silu,
    Activation.TANH: jnp.tanh,
    Activation.IDENTITY: lambda hidden: hidden,
}


class MlpArrays(NamedTuple):
    """The arrays of an MLP, as the field reads them; no gate if None."""

    up: Float[Array, "m d"]
    down: Float[Array, "d m"]
    up_bias: Float[Array, " m"]
    down_bias: Float[Array, " d"]
    gate: Float[Array, "m d"] | None
    gate_bias: Float[Array, " m"]


@dataclass(frozen=True, eq=False)
class Mlp(Problem):
    """M(x) = down act(up x + up_bias) + down_bias.

    With a gate it is down (act(gate x + gate_bias) * (up x + up_bias)) + down_bias.

    A problem only for its summary: arrays by shape and digest.

    Attributes:
        up: shape (m, d).
        down: shape (d, m).
        up_bias: shape (m,); zero when not given.
        down_bias: shape (d,); zero when not given.
        gate: shape (m, d); none when not given.
        activation: one of `Activation`.
        gate_bias: shape (m,), of the gate; zero when not given.

    Raises:
        InputError: if shapes do not fit, a number is not finite, or there is no such activation.
    """

    up: NDArray[np.float64]
    down: NDArray[np.float64]
    up_bias: NDArray[np.float64] = None  # type: ignore[assignment]
    down_bias: NDArray[np.float64] = None  # type: ignore[assignment]
    gate: NDArray[np.float64] | None = None
    activation: Activation | str = Activation.GELU
    gate_bias: NDArray[np.float64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        up = finite_array("up of the MLP", self.up, ndim=2)
        m, d = up.shape
        object.__setattr__(self, "up", up)
        object.__setattr__(self, "down", _shaped("down of the MLP", self.down, (d, m)))
        if self.gate is None and self.gate_bias is not None and np.any(self.gate_bias):
            raise InputError("gate_bias of the MLP needs its gate")
        for name, size in (("up_bias", m), ("down_bias", d), ("gate_bias", m)):
            given = getattr(self, name)
            object.__setattr__(
                self, name, _shaped(f"{name} of the MLP", np.zeros(size) if given is None else given, (size,))
            )
        if self.gate is not None:
            object.__setattr__(self, "gate", _shaped("gate of the MLP", self.gate, (m, d)))
        object.__setattr__(self, "activation", read_activation(self.activation))

    @property
    def arrays(self) -> MlpArrays:
        """The arrays, as the field reads them."""
        gate = None if self.gate is None else jnp.asarray(self.gate)
        up_bias, down_bias, gate_bias = map(jnp.asarray, (self.up_bias, self.down_bias, self.gate_bias))
        return MlpArrays(jnp.asarray(self.up), jnp.asarray(self.down), up_bias, down_bias, gate, gate_bias)


def read_activation(name: str) -> Activation:
    """Return the activation of that name.

    Raises:
        InputError: if there is none.
    """
    try:
        return Activation(str(name))
    except ValueError as error:
        raise InputError(f"activation must be one of {', '.join(Activation)}, got {str(name)!r}") from error


def mlp_output(points: Float[Array, "n d"], mlp: MlpArrays, activation: Activation) -> Float[Array, "n d"]:
    """M(x) of every token (see `Mlp`).

    Args:
        points: shape (n, d).
        mlp: the arrays.
        activation: fixed when it is compiled.
    """
    hidden = points @ mlp.up.T + mlp.up_bias[None]
    bent = activation(hidden) if mlp.gate is None else activation(points @ mlp.gate.T + mlp.gate_bias[None]) * hidden
    return bent @ mlp.down.T + mlp.down_bias[None]


def _shaped(name: str, array: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    made = finite_array(name, array, ndim=len(shape))
    if made.shape != shape:
        raise InputError(f"{name} must have shape {shape}, got {made.shape}")
    return made
