"""What is looked at during a training: a network of torch or JAX, and how it is trained."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fathometer.network._objective import Objective
from fathometer.network.adapters import wrap
from fathometer.network.steps._directions import GRADIENT, Direction, by_name
from fathometer.network.steps._edge_rules import EdgeRule
from fathometer.network.steps._optax_update import is_transformation, optax_direction, vector_of
from fathometer.network.steps._preconditioner import edge_preconditioner
from fathometer.network.steps._torch_undisturbed import settled, undisturbed
from fathometer.network.steps._torch_update import (
    bare,
    edge_rule,
    gradient_decay,
    is_optimizer,
    learning_rate,
    torch_direction,
)

Rate = float | Callable[[int], float] | None


def known_rate(rate: Rate, step: int) -> float | None:
    """A learning rate, or what a schedule says of a step; None if neither is known."""
    return float(rate(step)) if callable(rate) else rate


class Subject(Protocol):
    """What a look needs to know.

    Attributes:
        net: as `wrap` returns it.
        taken: the learning rate; None if it is not known.
        rule: how far it is stable; None if no rule is known.
    """

    net: Any
    taken: float | None
    rule: EdgeRule | None

    def key(self) -> Any:
        """Equal for subjects that one objective serves."""
        ...

    def move(self, objective: Objective) -> None:
        """Bring an objective of an earlier look to where the network is now."""
        ...

    def quiet(self) -> AbstractContextManager[None]:
        """Inside, the network is in evaluation mode; afterwards the training has not been disturbed."""
        ...

    def settle(self) -> None:
        """Wait for what the device still has to do for the training."""
        ...

    def direction(self, objective: Objective) -> Direction:
        """Where the next step leads."""
        ...

    def preconditioner(self, objective: Objective) -> NDArray[np.float64] | None:
        """The diagonal by which the optimiser divides; None if it does not, or has made no step."""
        ...

    def decay(self) -> float:
        """Weight decay that is added to the gradient before it is divided by that."""
        ...


class TorchSubject:
    """A module before the step of its optimiser, with gradients in place."""

    def __init__(self, model: Any, optimizer: Any, rate: float | None, rule: EdgeRule | None) -> None:
        self.net, self._optimizer = wrap(model), optimizer
        known = optimizer is not None
        self.taken = rate if rate is not None or not known else learning_rate(optimizer)
        self.rule = rule if rule is not None or not known else edge_rule(optimizer)

    def key(self) -> Any:
        """The module, and which of its parameters are trained."""
        return id(self.net.model), tuple(self.net.shapes())

    def move(self, objective: Objective) -> None:
        """Nothing: the objective reads the module's own parameters."""

    def quiet(self) -> AbstractContextManager[None]:
        """See `undisturbed`."""
        return undisturbed(self.net.model)

    def settle(self) -> None:
        """Wait for the device."""
        settled(self.net.model)

    def direction(self, objective: Objective) -> Direction:
        """The optimiser's own next update, or the gradient on the watch's batch."""
        if self._optimizer is None:
            return by_name(GRADIENT, objective.gradient())
        return torch_direction(self._optimizer, self.net.model, objective.blocks)

    def preconditioner(self, objective: Objective) -> NDArray[np.float64] | None:
        """From the optimiser's state."""
        if self._optimizer is None or self.rule is None:
            return None
        return edge_preconditioner(objective, bare(self._optimizer), self.rule)

    def decay(self) -> float:
        """From the optimiser's settings."""
        return 0.0 if self._optimizer is None else gradient_decay(self._optimizer)


class JaxSubject:
    """A function of JAX with its parameters, before an update.

    Args:
        pair: (function, parameters).
        optimizer: (transformation, state) of optax, or None.
        rate: learning rate, or None.
        rule: how far it is stable, or None.
        updates: what is about to be added to the parameters, or None.
        state: of optax; the optimiser's own if None.
    """

    def __init__(
        self,
        pair: Any,
        optimizer: Any,
        rate: float | None,
        rule: EdgeRule | None,
        updates: Any = None,
        state: Any = None,
    ) -> None:
        self.net: Any = wrap(pair)
        self._optimizer, self._updates = optimizer, updates
        self._state = optimizer[1] if state is None and type(optimizer) is tuple else state
        self.taken, self.rule = rate, rule

    def key(self) -> Any:
        """The function and the shapes of its parameters."""
        return id(self.net.function), tuple(self.net.shapes().items())

    def move(self, objective: Any) -> None:
        """To the parameters of now."""
        objective.move_to(self.net.parameters)

    def quiet(self) -> AbstractContextManager[None]:
        """Nothing has a state that could be disturbed."""
        return nullcontext()

    def settle(self) -> None:
        """Wait for the parameters."""
        import jax

        jax.block_until_ready(self.net.parameters)

    def direction(self, objective: Objective) -> Direction:
        """The updates that are known, the optimiser's on the watch's batch, or the gradient there."""
        parameters, blocks = self.net.parameters, objective.blocks
        if self._updates is not None:
            scale = self.taken or 1.0
            return Direction("optax", -vector_of(self._updates, blocks, parameters) / scale, None, scale)
        if self._optimizer is not None:
            return optax_direction(self._optimizer, parameters, blocks, objective.gradient())
        return by_name(GRADIENT, objective.gradient())

    def preconditioner(self, objective: Objective) -> NDArray[np.float64] | None:
        """From the state of optax, with its defaults for what the state does not hold."""
        return (
            None if self._state is None or self.rule is None else edge_preconditioner(objective, self._state, self.rule)
        )

    def decay(self) -> float:
        """A chain of optax does not tell it."""
        return 0.0


def subject_of(model: Any, optimizer: Any, rate: Rate, rule: EdgeRule | None, step: int) -> Subject:
    """A network and its optimiser as a subject.

    Args:
        model: a torch module, or (JAX function, parameters).
        optimizer: of torch, of optax with its state, or None.
        rate: learning rate, a schedule of it, or None to ask the optimiser.
        rule: how far it is stable, or None to ask the optimiser.
        step: of the training.
    """
    known = known_rate(rate, step)
    if is_optimizer(optimizer) or wrap(model).framework == "torch":
        return TorchSubject(model, optimizer, known, rule)
    return JaxSubject(model, optimizer if is_transformation(optimizer) else None, known, rule)
