"""Gauss-Newton and Fisher products of a torch network: curvature through what the network returns."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch.autograd.graph import get_gradient_edge

from fathometer.evidence import InputError
from fathometer.network._objective import Matrix
from fathometer.network.curvature.objectives._data import Batch

if TYPE_CHECKING:
    from fathometer.network.curvature.objectives._torch import TorchObjective

_CLOSE = {torch.float32: 1e-4, torch.float64: 1e-8}


def output_product(
    of: "TorchObjective",
    batch: Batch,
    vector: list[torch.Tensor],
    matrix: Matrix,
    put: Callable[[int, torch.Tensor], None],
) -> None:
    """J' S J v of one chunk: S the Hessian of the loss in the outputs z, or the covariance of its gradient there.

    Args:
        of: the loss.
        batch: the chunk.
        vector: v, one array for each parameter.
        matrix: GGN or FISHER.
        put: takes the number of an array and its part of the product.
    """
    outputs, wrapped = _outputs(of, batch)
    seed, pulled = torch.zeros_like(outputs, requires_grad=True), dict[int, Any]()

    def keep(k: int, gradient: torch.Tensor) -> None:
        if gradient.requires_grad:
            pulled[k] = get_gradient_edge(gradient)

    of.pull(outputs, seed, keep, create_graph=True)
    if pulled:
        parts = [vector[k] for k in pulled]
        (pushed,) = torch.autograd.grad(list(pulled.values()), seed, parts, retain_graph=True)
        of.pull(outputs, _covariance(of, batch, outputs, wrapped, pushed, matrix), put)


def _outputs(of: "TorchObjective", batch: Batch) -> tuple[torch.Tensor, Callable[[torch.Tensor], Any]]:
    """What the network returns for a chunk, and the same with another tensor in its place.

    Raises:
        InputError: if the loss does not call the network exactly once.
    """
    seen: list[Any] = []
    handle = of.model.register_forward_hook(lambda module, inputs, output: seen.append(output))
    try:
        of.value(of.model, batch)
    finally:
        handle.remove()
    if len(seen) != 1:
        raise InputError(f"this matrix needs a loss that calls the network once, got {len(seen)} calls")
    return _tensor_in(seen[0])


def _tensor_in(output: Any) -> tuple[torch.Tensor, Callable[[torch.Tensor], Any]]:
    """The one tensor of scores in an output.

    Raises:
        InputError: if there is none.
    """
    if isinstance(output, torch.Tensor):
        return output, lambda tensor: tensor
    if isinstance(output, Mapping) and isinstance(output.get("logits"), torch.Tensor):
        return output["logits"], lambda tensor: _like(output, tensor)
    if isinstance(output, (tuple, list)) and output and isinstance(output[0], torch.Tensor):
        return output[0], lambda tensor: (tensor, *output[1:])
    if is_dataclass(output) and isinstance(getattr(output, "logits", None), torch.Tensor):
        from dataclasses import replace

        return output.logits, lambda tensor: replace(output, logits=tensor)  # type: ignore[type-var]
    raise InputError(f"this matrix needs a network that returns a tensor or 'logits', got {type(output).__name__}")


def _like(output: Any, logits: torch.Tensor) -> Any:
    """The same mapping with other logits."""
    return type(output)({**output, "logits": logits})


class _Standing:
    """In the place of the network: returns outputs that are given."""

    def __init__(self, model: torch.nn.Module, output: Any) -> None:
        self._model, self._output = model, output

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._output

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def _covariance(
    of: "TorchObjective",
    batch: Batch,
    outputs: torch.Tensor,
    wrapped: Callable[[torch.Tensor], Any],
    pushed: torch.Tensor,
    matrix: Matrix,
) -> torch.Tensor:
    """S times a vector of outputs.

    Raises:
        InputError: if the loss does not read the outputs, or S cannot be told.
    """
    z = outputs.detach().requires_grad_()
    value = of.value(_Standing(of.model, wrapped(z)), batch)
    slope = torch.autograd.grad(value, z, create_graph=True, allow_unused=True)[0] if value.requires_grad else None
    if slope is None:
        raise InputError("this matrix needs a loss that is computed from what the network returns")
    if matrix is Matrix.FISHER and (weight := _log_probability_weight(z, slope)) is not None:
        return weight * torch.exp(z.detach()) * pushed
    if not _bends(z, slope):
        raise InputError(
            "the loss is linear in what the network returns (log-probabilities?): its Gauss-Newton matrix is zero;"
            " take fisher, or return logits"
        )
    if matrix is Matrix.FISHER and not _is_canonical(z, slope):
        raise InputError("fisher needs cross-entropy, likelihood of log-probabilities or squared error")
    return torch.autograd.grad(slope, z, pushed)[0]


def _bends(z: torch.Tensor, slope: torch.Tensor) -> bool:
    """Whether the loss is not linear in the outputs."""
    direction = torch.cos(torch.arange(z.numel(), dtype=z.dtype, device=z.device)).view_as(z)
    if not slope.requires_grad:
        return False
    image = torch.autograd.grad(slope, z, direction, retain_graph=True, allow_unused=True)[0]
    return image is not None and bool(image.any())


def _log_probability_weight(z: torch.Tensor, slope: torch.Tensor) -> torch.Tensor | None:
    """Weights of rows where the loss is minus the log-probability z_y itself; None if it is not."""
    tolerance = _CLOSE[z.dtype]
    if z.ndim < 2 or not torch.allclose(z.detach().exp().sum(-1), z.new_ones(z.shape[:-1]), atol=tolerance):
        return None
    if bool((torch.count_nonzero(slope, dim=-1) > 1).any()):
        return None
    return -slope.sum(-1, keepdim=True)


def _is_canonical(z: torch.Tensor, slope: torch.Tensor) -> bool:
    """Whether the gradient is a weight times (mean of the label - label), of softmax, sigmoid or a Gaussian.

    Then its covariance under the network's own distribution of labels is the Hessian of the loss in the outputs.
    """
    at, grad = z.detach(), slope.detach()
    return _is_softmax(at, grad) or _is_sigmoid(at, grad) or _is_gaussian(z, slope)


def _is_softmax(z: torch.Tensor, slope: torch.Tensor) -> bool:
    if z.ndim < 2 or z.shape[-1] < 2:
        return False
    p, label = torch.softmax(z, -1), slope.argmin(-1, keepdim=True)
    weight = -slope.gather(-1, label) / (1 - p.gather(-1, label)).clamp_min(torch.finfo(z.dtype).tiny)
    return _alike(slope, weight * (p - torch.zeros_like(p).scatter(-1, label, 1.0)))


def _is_sigmoid(z: torch.Tensor, slope: torch.Tensor) -> bool:
    p = torch.sigmoid(z)
    weights = torch.where(slope > 0, slope / p, -slope / (1 - p))
    return _alike(weights, weights.mean().expand_as(weights))


def _is_gaussian(z: torch.Tensor, slope: torch.Tensor) -> bool:
    ones = torch.ones_like(z)
    image = torch.autograd.grad(slope, z, ones, retain_graph=True)[0]
    return _alike(image, image.mean().expand_as(image)) and bool(image.mean() > 0)


def _alike(a: torch.Tensor, b: torch.Tensor) -> bool:
    return torch.allclose(a, b, rtol=_CLOSE[a.dtype], atol=_CLOSE[a.dtype] * float(a.abs().max()))
