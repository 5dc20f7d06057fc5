"""The value matrices of a torch module, redrawn."""

import copy
from collections.abc import Callable
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed
from fathometer.network.recording._sites import Sites
from fathometer.network.recording.frameworks._torch_anatomy import blocks_in

VALUES = ("value", "value_proj", "v_proj", "v_lin", "v")
"""Names of a matrix that makes values alone."""
FUSED = ("c_attn", "qkv", "Wqkv")
"""Names of one that makes queries, keys and values, the values last."""


def with_random_values(model: Any, seed: int) -> Any:
    """A copy of a module whose value matrices are drawn again at each call of their block.

    Args:
        model: a module of torch.
        seed: of the entries.

    Raises:
        InputError: if the values of a block are not recognised.
    """
    torch = needed("torch")
    made = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    blocks, _ = blocks_in(made, Sites.read("residual"))
    for block in blocks:
        draws = [draw for draw in map(_draw, *_named(block.attention)) if draw is not None]
        if not draws:
            raise InputError(f"the value matrix of {block.name} is not recognised")
        block.module.register_forward_pre_hook(_redrawing(draws[0], generator))
    return made


def _named(attention: Any) -> tuple[list[str], list[Any]]:
    pairs = list(attention.named_modules())
    return [name.rpartition(".")[2] for name, _ in pairs], [module for _, module in pairs]


def _draw(name: str, module: Any) -> Callable[[Any], None] | None:
    """What draws the values of a part of an attention again, or None if it makes none."""
    if type(module).__name__ == "MultiheadAttention" and module.in_proj_weight is not None:
        return lambda generator: _fill(module.in_proj_weight, module.in_proj_bias, 0, 3, generator)
    if not type(module).__name__.endswith(("Linear", "Conv1D")):
        return None
    out = 1 if type(module).__name__ == "Conv1D" else 0
    if name in VALUES or name in FUSED:
        return lambda generator: _fill(module.weight, module.bias, out, 1 if name in VALUES else 3, generator)
    return None


def _fill(weight: Any, bias: Any, out: int, parts: int, generator: Any) -> None:
    """Draw the last of so many parts of a matrix along its outputs, and set its offset to zero."""
    torch = needed("torch")
    size = weight.shape[out] // parts
    drawn = torch.randn(size, weight.shape[1 - out], generator=generator) / weight.shape[1 - out] ** 0.5
    with torch.no_grad():
        weight.narrow(out, weight.shape[out] - size, size).copy_(drawn if out == 0 else drawn.T)
        if bias is not None:
            bias[-size:] = 0


def _redrawing(draw: Callable[[Any], None], generator: Any) -> Callable[..., None]:
    def hook(module: Any, args: tuple[Any, ...]) -> None:
        draw(generator)

    return hook
