"""The next update of an optimiser of torch, without making it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network._network import Block
from fathometer.network.steps._directions import Direction
from fathometer.network.steps._edge_rules import EdgeRule

if TYPE_CHECKING:
    import torch

Tensors = Mapping[int, "torch.Tensor"]
_RULED = ("Adam", "AdamW", "RMSprop", "SGD")


def is_optimizer(candidate: Any) -> bool:
    """Whether it is an optimiser of torch, or what wraps one under the name `optimizer`."""
    return hasattr(bare(candidate), "param_groups") and hasattr(bare(candidate), "state")


def bare(optimizer: Any) -> Any:
    """The optimiser inside whatever a trainer has wrapped around it."""
    while hasattr(optimizer, "optimizer") and not isinstance(vars(optimizer).get("param_groups"), list):
        optimizer = optimizer.optimizer
    return optimizer


def torch_direction(
    optimizer: Any, model: Any, blocks: Sequence[Block], gradient: NDArray[np.floating] | None = None
) -> Direction:
    """What the next step of an optimiser would take off the parameters, for learning rate 1.

    A copy of the optimiser in float64 makes the step; the optimiser, the parameters and their gradients stay as they
    are. Groups with learning rates of their own keep their proportions: s is the largest of them.

    Args:
        optimizer: of torch, with any state.
        model: whose parameters it holds.
        blocks: the arrays of the direction, named as the model names them.
        gradient: of the loss, shape (size,); what lies in `.grad` if None.

    Raises:
        InputError: if there is no gradient, the optimiser needs a closure, or its learning rate is 0.
    """
    optimizer, named = bare(optimizer), dict(model.named_parameters())
    rate = learning_rate(optimizer)
    grads = _gradients(blocks, named, gradient)
    updates = _step_of_copy(optimizer, grads)
    vector = np.zeros(blocks[-1].part.stop)
    for block in blocks:
        if (update := updates.get(id(named[block.name]))) is not None:
            vector[block.part] = update.reshape(-1).cpu().numpy() / rate
    slope = None if gradient is None else float(np.asarray(gradient, np.float64) @ vector)
    return Direction(type(optimizer).__name__, vector, slope, rate, edge_rule(optimizer))


def learning_rate(optimizer: Any) -> float:
    """The largest learning rate of its groups.

    Raises:
        InputError: if it is 0 everywhere.
    """
    rate = max(float(group["lr"]) for group in bare(optimizer).param_groups)
    if not rate > 0:
        raise InputError(f"the learning rate must be > 0 in some group of the optimiser, got {rate:g}")
    return rate


def edge_rule(optimizer: Any) -> EdgeRule | None:
    """How far an optimiser is stable, by the settings of its first group; None where no rule is known."""
    optimizer = bare(optimizer)
    group = optimizer.param_groups[0]
    kinds = [kind.__name__ for kind in type(optimizer).__mro__ if kind.__name__ in _RULED]
    if not kinds or group.get("maximize"):
        return None
    if kinds[0] == "SGD":
        return _descent_rule(group)
    if kinds[0] == "RMSprop":
        return None if group["centered"] else EdgeRule.rmsprop(float(group["momentum"]))
    return EdgeRule.adam(float(group["betas"][0]), float(group["weight_decay"]) if _is_decoupled(kinds, group) else 0.0)


def _is_decoupled(kinds: Sequence[str], group: Mapping[str, Any]) -> bool:
    """Whether weights decay beside the update instead of within the gradient."""
    return "AdamW" in kinds or bool(group.get("decoupled_weight_decay"))


def gradient_decay(optimizer: Any) -> float:
    """Weight decay that Adam or RMSProp adds to the gradient before it divides, by the settings of the first group."""
    rule, group = edge_rule(optimizer), bare(optimizer).param_groups[0]
    kinds = [kind.__name__ for kind in type(bare(optimizer)).__mro__]
    adds = rule is not None and rule.preconditioned and not _is_decoupled(kinds, group)
    return float(group["weight_decay"]) if adds else 0.0


def _descent_rule(group: Mapping[str, Any]) -> EdgeRule:
    momentum, decay = float(group["momentum"]), float(group["weight_decay"])
    rule = EdgeRule.nesterov(momentum) if group["nesterov"] else EdgeRule.heavy_ball(momentum)
    return EdgeRule(rule.method, momentum, float(group["dampening"]) if momentum else 0.0, decay)


def _gradients(blocks: Sequence[Block], named: Mapping[str, Any], gradient: NDArray[np.floating] | None) -> Tensors:
    """Gradients by the identity of their parameters; of those outside the blocks what lies in `.grad`.

    Raises:
        InputError: if there is none.
    """
    import torch

    grads = {id(p): p.grad.detach() for p in named.values() if p.grad is not None}
    if gradient is None:
        if not grads:
            raise InputError("the parameters must have gradients: call this after backward and before zero_grad")
        return grads
    return grads | {
        id(named[block.name]): torch.from_numpy(np.array(gradient[block.part], np.float64)).view(block.shape)
        for block in blocks
    }


def _step_of_copy(optimizer: Any, grads: Tensors) -> dict[int, "torch.Tensor"]:
    """What one step of a copy in float64 takes off each parameter.

    Raises:
        InputError: if the optimiser asks for a closure.
    """
    import torch

    copies: dict[int, torch.nn.Parameter] = {}
    for group in optimizer.param_groups:
        for p in group["params"]:
            copies[id(p)] = torch.nn.Parameter(_double(p))
            if id(p) in grads:
                copies[id(p)].grad = grads[id(p)].to(p.device, torch.float64).clone()
    groups = [{**group, "params": [copies[id(p)] for p in group["params"]]} for group in optimizer.param_groups]
    state = {
        copies[id(p)]: {k: _double(v) for k, v in of.items()} for p, of in optimizer.state.items() if id(p) in copies
    }
    before = {key: copy.detach().clone() for key, copy in copies.items()}
    kind: Any = type(optimizer)
    copied = kind.__new__(kind)
    copied.__setstate__(
        {"defaults": dict(optimizer.defaults), "state": defaultdict(dict, state), "param_groups": groups}
    )
    try:
        with torch.enable_grad():
            copied.step()
    except TypeError as error:
        raise InputError(f"{type(optimizer).__name__} must make a step without a closure") from error
    return {key: before[key] - copy.detach() for key, copy in copies.items()}


def _double(value: Any) -> Any:
    """A copy; floating arrays in float64, step counts as they are."""
    import torch

    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().to(torch.float64, copy=True) if value.is_floating_point() else value.detach().clone()
