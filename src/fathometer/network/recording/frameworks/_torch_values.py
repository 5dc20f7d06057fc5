"""The value matrices of a torch module, redrawn."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed
from fathometer.network.recording._sites import Sites
from fathometer.network.recording.frameworks._torch_anatomy import blocks_in

VALUES = ("value", "value_proj", "v_proj", "v_lin", "v")
"""Names of a matrix that makes values alone."""
FUSED = ("c_attn", "qkv", "Wqkv", "qkv_proj")
"""Names of one that makes queries, keys and values, the values last."""
BY_HEAD = ("query_key_value",)
"""Names of one that makes queries, keys and values of each head that has values, one such head after another."""
BY_PART = ("codegen",)
"""Families whose fused matrices are in an order of their own."""


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
    config = getattr(made, "config", None)
    blocks, _ = blocks_in(made, Sites.read("residual"))
    for block in blocks:
        draws = [draw for draw in (_draw(*named, config) for named in _named(block.attention)) if draw is not None]
        if not draws:
            raise InputError(f"the value matrix of {block.name} is not recognised")
        block.module.register_forward_pre_hook(_redrawing(draws[0], generator))
    return made


def _named(attention: Any) -> list[tuple[str, Any]]:
    return [(name.rpartition(".")[2], module) for name, module in attention.named_modules()]


def _draw(name: str, module: Any, config: Any) -> Callable[[Any], None] | None:
    """What draws the values of a part of an attention again, or None if it makes none."""
    if type(module).__name__ == "MultiheadAttention" and module.in_proj_weight is not None:
        rows = _last_third(len(module.in_proj_weight))
        return lambda generator: _fill(module.in_proj_weight, module.in_proj_bias, 0, rows, generator)
    if not type(module).__name__.endswith(("Linear", "Conv1D")):
        return None
    out = 1 if type(module).__name__ == "Conv1D" else 0
    outputs = _value_outputs(name, module.weight.shape[out], config)
    if outputs is None:
        return None
    return lambda generator: _fill(module.weight, module.bias, out, outputs, generator)


def _value_outputs(name: str, size: int, config: Any) -> range | list[int] | None:
    """Which outputs of a matrix are values; None if none are, or where they are is not known."""
    if name in VALUES:
        return range(size)
    if name not in (*FUSED, *BY_HEAD) or getattr(config, "model_type", "") in BY_PART:
        return None
    heads, width = _heads(config)
    if not heads or size % width or size // width <= heads:
        return _last_third(size) if name in FUSED and size % 3 == 0 else None
    valued = (size // width - heads) // 2
    if name in FUSED:
        return range(size - valued * width, size)
    group = size // valued
    return [first + i for first in range(0, size, group) for i in range(group - width, group)]


def _heads(config: Any) -> tuple[int, int]:
    """How many heads ask, and the size of each; zeros if a network does not say."""
    heads, hidden = (getattr(config, name, None) or 0 for name in ("num_attention_heads", "hidden_size"))
    return (heads, getattr(config, "head_dim", None) or hidden // heads) if heads else (0, 0)


def _last_third(size: int) -> range:
    return range(size - size // 3, size)


def _fill(weight: Any, bias: Any, out: int, outputs: Sequence[int], generator: Any) -> None:
    """Draw the part of a matrix that makes some of its outputs, and set their offsets to zero."""
    torch = needed("torch")
    drawn = torch.randn(len(outputs), weight.shape[1 - out], generator=generator) / weight.shape[1 - out] ** 0.5
    where = torch.tensor(list(outputs), device=weight.device)
    with torch.no_grad():
        weight.index_copy_(out, where, (drawn if out == 0 else drawn.T).to(weight))
        if bias is not None:
            bias[where] = 0


def _redrawing(draw: Callable[[Any], None], generator: Any) -> Callable[..., None]:
    def hook(module: Any, args: tuple[Any, ...]) -> None:
        draw(generator)

    return hook
