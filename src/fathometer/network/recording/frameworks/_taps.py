"""Values that a function of one's own hands to the recorder that runs: for JAX, which has no hooks."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.adapters._torch import numpy_of
from fathometer.network.adapters._wrap import is_tensor
from fathometer.network.recording._recording import Recording
from fathometer.network.recording._sites import ATTENTION, MLP, NORM_POST, NORM_PRE, POST, PRE

PARTS = (PRE, POST, ATTENTION, MLP, "pattern")
RUNNING: list["TapRecorder"] = []
"""The recorders that run, the innermost last."""


def tap(name: str, value: Any) -> Any:
    """Show a value to the recorder that runs, if one does, and return it.

    Within a function of one's own, for example `x = network.tap("blocks.0.resid_pre", x)`. A pass begins with
    blocks.0.resid_pre; later blocks begin where the one before ended unless they say otherwise.

    Args:
        name: blocks.I.resid_pre, .attn_out, .mlp_out, .resid_post or .pattern; final_norm.pre or .post.
        value: shape (n, d) or (texts, n, d); for a pattern with heads and n instead of n and d.

    Returns:
        The value, unchanged.

    Raises:
        InputError: if the name is none of these, the value is traced, or blocks come out of order.
    """
    if RUNNING:
        RUNNING[-1].take(name, value)
    return value


class TapRecorder:
    """Puts together what is tapped, from `start` to `stop`.

    Args:
        recording: takes in the passages.
        causal: whether tokens see only those before them; None for what a pattern says.
    """

    def __init__(self, recording: Recording, causal: bool | None = None) -> None:
        self._recording, self._causal = recording, causal
        self._awaited: tuple[NDArray[Any] | None, NDArray[Any] | None] = (None, None)
        self._number: int | None = None
        self._parts: dict[str, NDArray[np.floating]] = {}
        self._stream: NDArray[np.floating] | None = None

    def start(self) -> None:
        """Listen."""
        RUNNING.append(self)

    def stop(self) -> None:
        """Listen no more, and end the pass that runs."""
        RUNNING.remove(self)
        self.end()

    def expect(self, ids: NDArray[Any] | None, mask: NDArray[Any] | None) -> None:
        """Say which texts the next pass is about.

        Args:
            ids: token ids, shape (texts, n).
            mask: 0 at padding.
        """
        self._awaited = ids, mask

    def take(self, name: str, value: Any) -> None:
        """Take a value in.

        Args:
            name: as in `tap`.
            value: the same.

        Raises:
            InputError: if it is not the turn of its block.
        """
        values = concrete(name, value)
        if name in (NORM_PRE, NORM_POST):
            self._recording.place(name, _with_texts(values, 3))
            return
        block, part = _read(name)
        if part == PRE and block == 0:
            self._begin()
        if self._number is None or block != self._number:
            raise InputError(f"{name} was tapped, but block {self._number or 0} is due, from its {PRE} on")
        self._parts[part] = _with_texts(values, 4 if part == "pattern" else 3)
        if part == POST:
            self._hand_on()

    def end(self) -> None:
        """End the pass that runs."""
        if self._number is not None:
            self._recording.close()
        self._number = None

    def _begin(self) -> None:
        self.end()
        self._recording.open(*self._awaited)
        self._awaited = (None, None)
        self._number, self._parts, self._stream = 0, {}, None

    def _hand_on(self) -> None:
        before, after = self._parts.pop(PRE, self._stream), self._parts.pop(POST)
        if before is None or before.shape != after.shape:
            raise InputError(
                f"block {self._number} gives shape {after.shape}, it takes {getattr(before, 'shape', None)}"
            )
        pattern = self._parts.get("pattern")
        if pattern is None and self._causal is None:
            self._recording.note("no pattern is tapped: tokens are taken to see all others; causal=True says otherwise")
        causal = self._causal
        if causal is None:
            causal = pattern is not None and not self._recording.looks_ahead(pattern)
        self._recording.passage(self._number or 0, before, after, causal, self._parts)
        self._number, self._parts, self._stream = (self._number or 0) + 1, {}, after


def concrete(name: str, value: Any) -> NDArray[np.floating]:
    """A value as an array of its own, half precision as float32.

    Args:
        name: for the message.
        value: of NumPy, JAX or torch.

    Raises:
        InputError: if it is traced, as inside jit, vmap and grad.
    """
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.core.Tracer):
        raise InputError(f"{name} is traced: do not jit, vmap or differentiate the function while it is recorded")
    array = np.array(numpy_of(value) if is_tensor(value) else value)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)


def _read(name: str) -> tuple[int, str]:
    head, _, rest = name.partition(".")
    number, _, part = rest.partition(".")
    if head != "blocks" or not number.isdigit() or part not in PARTS:
        raise InputError(
            f"a tap must be blocks.I with one of {', '.join(PARTS)}, {NORM_PRE} or {NORM_POST}, got {name!r}"
        )
    return int(number), part


def _with_texts(values: NDArray[np.floating], ndim: int) -> NDArray[np.floating]:
    return values[np.newaxis] if values.ndim == ndim - 1 else values
