"""The critical step of a network that is brought."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fathometer.evidence import InputError
from fathometer.network._objective import Objective
from fathometer.network.adapters import wrap
from fathometer.network.curvature._objective_of import objective
from fathometer.network.steps._critical_step import CriticalStep, critical_step_along
from fathometer.network.steps._directions import GRADIENT, Direction, by_name, by_vector
from fathometer.network.steps._optax_update import is_transformation, optax_direction
from fathometer.network.steps._torch_update import is_optimizer, torch_direction


def critical_step(
    net: Any,
    loss: Callable[..., Any],
    batch: Any,
    direction: Any = GRADIENT,
    *,
    parameters: str = "*",
    rtol: float = 1e-2,
    passes: int = 30,
    start: float | None = None,
    chunk: int | None = None,
) -> CriticalStep:
    """Smallest s > 0 with L(w - s u) > L(w), from forward passes alone once u is known.

    For the gradient s is a learning rate, and on a quadratic it is 2 g'g / g'Hg. For an optimiser of torch u is what
    its next step would take off the parameters for learning rate 1, with the gradient of `loss` on `batch` and its
    state as it is; s is a learning rate again. For optax u is the next update, and s = 1 the step that training takes.
    Nothing is changed: the optimiser, its state, the parameters and their gradients stay as they are.

    The bracket is certain in this: the loss is not above L(w) at its lower end and is above it at its upper end, both
    by more than the rounding of the loss, so that it crosses in between. That nothing below crosses is not: a rise and
    fall between two steps that were tried goes unseen; `tried` lists them. In float32 the bracket is wider where the
    rounding of the loss is. Definition and doubling: arXiv 2601.16979.

    Args:
        net: a torch module, (JAX function, parameters), or what `wrap` returns.
        loss: `loss(model, X, y)`, the mean over the rows given.
        batch: (X, y), a dictionary of arrays, a list of batches, or a loader without shuffling.
        direction: "gradient"; "sgd:momentum=0.9", "adam" or "rmsprop" for the first update of a new optimiser; an
            optimiser of torch; a transformation of optax or a pair of it and its state; or a vector, shape (size,).
        parameters: names of the arrays that move, as in a shell.
        rtol: width of the bracket relative to its lower end, in (0, 1).
        passes: most forward passes over the batch, at least 4.
        start: first step to try, positive; chosen if None.
        chunk: rows at once.

    Raises:
        InputError: if the direction is zero, not finite or leads uphill, the loss is not finite, or something cannot
            be used.
    """
    brought = wrap(net)
    of = objective(brought, loss, batch, parameters, chunk)
    return critical_step_along(of, direction_of(direction, brought, of), rtol=rtol, passes=passes, start=start)


def direction_of(direction: Any, net: Any, of: Objective) -> Direction:
    """A direction of any of the kinds that `critical_step` takes.

    Args:
        direction: see there.
        net: what `wrap` returns.
        of: its loss.

    Raises:
        InputError: if it is of no such kind or of another framework.
    """
    if isinstance(direction, Direction):
        return direction
    if isinstance(direction, str):
        return by_name(direction, of.gradient())
    if is_optimizer(direction):
        _require("torch", net)
        return torch_direction(direction, net.model, of.blocks, of.gradient())
    if is_transformation(direction):
        _require("jax", net)
        return optax_direction(direction, net.parameters, of.blocks, of.gradient())
    return by_vector(np.asarray(direction), of.size)


def _require(framework: str, net: Any) -> None:
    if net.framework != framework:
        raise InputError(f"an optimiser of {framework} must come with a network of {framework}, got {net.framework}")
