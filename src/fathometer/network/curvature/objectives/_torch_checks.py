"""What a torch network must be so that its curvature means something; where it is not, one line says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from fathometer.evidence import InputError

FLAT = {"RoundBackward0", "FloorBackward0", "CeilBackward0", "TruncBackward0", "SignBackward0", "SgnBackward0"}
"""Operations whose derivative is zero wherever it exists."""


def check_mode(model: torch.nn.Module) -> None:
    """Refuse a network that gives something else every time.

    Raises:
        InputError: if a module draws or uses the statistics of its batch.
    """
    for name, module in model.named_modules():
        if not module.training:
            continue
        if isinstance(module, torch.nn.modules.dropout._DropoutNd) and module.p > 0:
            raise InputError(f"dropout must be off, got {name or type(module).__name__} in training mode: model.eval()")
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            raise InputError(
                f"batch statistics must be off, got {name or type(module).__name__} in training mode: model.eval()"
            )


def chosen_dtype(parameters: dict[str, torch.Tensor]) -> np.dtype:
    """The one format of all parameters.

    Raises:
        InputError: if it is neither float32 nor float64, or they differ, or they are on two devices.
    """
    for name, array in parameters.items():
        if array.dtype not in (torch.float32, torch.float64):
            kind = str(array.dtype).removeprefix("torch.")
            raise InputError(f"parameter {name} must be float32 or float64, got {kind}: model.float()")
    if len(kinds := {array.dtype for array in parameters.values()}) > 1:
        raise InputError(f"parameters must have one format, got {sorted(map(str, kinds))}")
    if len(places := {str(array.device) for array in parameters.values()}) > 1:
        raise InputError(f"parameters must be on one device, got {sorted(places)}")
    return np.dtype(str(kinds.pop()).removeprefix("torch."))


def operations(loss: torch.Tensor) -> set[str]:
    """Names of the differentiable operations that led to a tensor.

    Raises:
        InputError: if one of them is a function of its own that can be differentiated only once, which torch would take
            for a constant.
    """
    seen, ahead = set(), [loss.grad_fn]
    while ahead:
        node = ahead.pop()
        if node is not None and node not in seen:
            seen.add(node)
            ahead.extend(edge for edge, _ in node.next_functions)
    names = {type(node).__name__ for node in seen}
    if once := sorted(type(node).__name__ for node in seen if _only_once(node)):
        raise InputError(f"the loss must be twice differentiable, got {once[0]}, which is once_differentiable")
    return names


def _only_once(node: Any) -> bool:
    backward = getattr(getattr(node, "_forward_cls", None), "backward", None)
    code = getattr(backward, "__code__", None)
    return (
        hasattr(backward, "__wrapped__") and code is not None and code.co_filename == torch.autograd.function.__file__
    )


@contextmanager
def full_precision() -> Iterator[None]:
    """Refuse a loss that is differentiated through numbers of half precision.

    Raises:
        InputError: if one is kept for the derivatives.
    """
    seen: set[torch.dtype] = set()

    def note(tensor: torch.Tensor) -> torch.Tensor:
        seen.add(tensor.dtype)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        yield
    for half in (torch.bfloat16, torch.float16):
        if half in seen:
            kind = str(half).removeprefix("torch.")
            raise InputError(f"the loss must be computed in float32 or float64, got {kind} on the way: no autocast")


@contextmanager
def derivatives_named() -> Iterator[None]:
    """Turn what torch says about missing derivatives into one line of input.

    Raises:
        InputError: if an operation has no first or second derivative.
        RuntimeError: if torch fails for another reason.
    """
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if not any(part in text for part in _MISSING):
            raise
        raise InputError(f"the loss must be twice differentiable: {text.splitlines()[0]}") from error


_MISSING = ("is not implemented", "differentiate twice", "does not require grad", "derivative", "once_differentiable")


def plain_attention() -> Any:
    """Attention in operations that have second derivatives."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    return sdpa_kernel(SDPBackend.MATH)


def scalar(value: Any) -> torch.Tensor:
    """The loss as a scalar tensor.

    Raises:
        InputError: if it is something else.
    """
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        what = tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
        raise InputError(f"the loss must be one number, the mean over the rows given; got {what}")
    if value.dtype not in (torch.float32, torch.float64):
        raise InputError(f"the loss must be float32 or float64, got {str(value.dtype).removeprefix('torch.')}")
    return value.reshape(())
