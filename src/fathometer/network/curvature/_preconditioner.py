"""What an adaptive optimiser divides the gradient by, read from its state."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_array
from fathometer.network._network import Block
from fathometer.network._objective import Objective

EPS, BETA2 = 1e-8, 0.999
"""Defaults of optax, whose states do not hold them."""


def preconditioner(objective: Objective, optimizer: Any, eps: float = EPS, beta2: float = BETA2) -> NDArray[np.float64]:
    """The diagonal P = sqrt(v_hat) + eps over the chosen parameters, shape (size,).

    Args:
        objective: its blocks say which parameters.
        optimizer: of torch (Adam and its kin, RMSprop, Adagrad), a state of optax with `nu`, or P itself, positive.
        eps: of a state of optax.
        beta2: of a state of optax.

    Raises:
        InputError: if there is no second moment for a parameter.
    """
    if hasattr(optimizer, "param_groups"):
        tensors = getattr(objective, "chosen", None)
        if tensors is None:
            raise InputError("an optimiser of torch belongs to a network of torch")
        return _joined(objective.blocks, (_of_torch(optimizer, p) for p in tensors))
    if (state := _with_nu(optimizer)) is not None:
        return _of_optax(objective.blocks, state, eps, beta2)
    if not hasattr(optimizer, "shape"):
        raise InputError(f"preconditioned needs an optimiser with second moments, got {type(optimizer).__name__}")
    diagonal = finite_array("the preconditioner", optimizer, ndim=1)
    if diagonal.shape != (objective.size,) or np.any(diagonal <= 0):
        raise InputError(f"the preconditioner must be {objective.size} positive numbers, got shape {diagonal.shape}")
    return diagonal


def _joined(blocks: tuple[Block, ...], arrays: Iterator[NDArray | None]) -> NDArray[np.float64]:
    """One vector.

    Raises:
        InputError: if an array is missing.
    """
    parts = []
    for block, array in zip(blocks, arrays, strict=True):
        if array is None:
            raise InputError(
                f"the optimiser has no second moment for {block.name}: it is of another kind, or took no step"
            )
        parts.append(np.asarray(array, np.float64).ravel())
    return np.concatenate(parts)


def _of_torch(optimizer: Any, parameter: Any) -> NDArray[np.float64] | None:
    state = optimizer.state.get(parameter, {})
    group = next((g for g in optimizer.param_groups if any(p is parameter for p in g["params"])), None)
    name = next((key for key in ("max_exp_avg_sq", "exp_avg_sq", "square_avg", "sum") if key in state), None)
    if group is None or name is None or "acc_delta" in state:  # Adadelta divides by a ratio of two averages
        return None
    moment = state[name].detach().cpu().numpy().astype(np.float64)
    if "exp_avg_sq" in name:
        moment = moment / (1 - group["betas"][1] ** float(state["step"]))
    elif group.get("centered"):
        moment = moment - state["grad_avg"].detach().cpu().numpy().astype(np.float64) ** 2
    return np.sqrt(np.maximum(moment, 0)) + group["eps"]


def updates_in(state: Any) -> Any:
    """How many updates a state of optax counts; None if it does not: every tuple has a method of that name."""
    count = getattr(state, "count", None)
    return None if callable(count) else count


def divides_by_squares(state: Any) -> bool:
    """Whether a state of optax holds second moments that updates are divided by; centred ones are not."""
    return hasattr(state, "nu") and (updates_in(state) is not None or not hasattr(state, "mu"))


def _with_nu(state: Any) -> Any:
    """The part of a state of optax that holds second moments; None if there is none."""
    if divides_by_squares(state):
        return state
    if isinstance(state, (tuple, list)):
        return next((found for part in state if (found := _with_nu(part)) is not None), None)
    return None


def _of_optax(blocks: tuple[Block, ...], state: Any, eps: float, beta2: float) -> NDArray[np.float64]:
    from fathometer.network.curvature.objectives._jax import named_arrays

    moments: Mapping[str, Any] = named_arrays(state.nu)
    count = updates_in(state)
    if count is not None and int(count) == 0:
        moments = {}
    share = 1.0 if count is None else 1 - beta2 ** int(count)
    squares = (moments.get(block.name) for block in blocks)
    root = _root_around if count is None else _root_beside
    return _joined(blocks, (None if m is None else root(np.asarray(m, np.float64) / share, eps) for m in squares))


def _root_beside(squares: NDArray[np.float64], eps: float) -> NDArray[np.float64]:
    """As Adam has it."""
    return np.sqrt(squares) + eps


def _root_around(squares: NDArray[np.float64], eps: float) -> NDArray[np.float64]:
    """As the RMSProp of optax has it, whose state holds no count."""
    return np.sqrt(squares + eps)
