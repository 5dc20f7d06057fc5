"""The loss of a torch network: gradients, and products by differentiating twice."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.autograd.graph import get_gradient_edge

from fathometer.evidence import InputError
from fathometer.network._network import Block, blocks_of
from fathometer.network._objective import Matrix, Vector
from fathometer.network.curvature.objectives._checks import check_mean, check_same, finite_loss, first_value
from fathometer.network.curvature.objectives._data import Batch, Chunks, mapped, rows_of
from fathometer.network.curvature.objectives._torch_checks import (
    FLAT,
    check_mode,
    chosen_dtype,
    derivatives_named,
    full_precision,
    operations,
    plain_attention,
    scalar,
)

Tensors = list[torch.Tensor]
Put = Callable[[int, torch.Tensor], None]
PLAIN_ATTENTION = "Fused attention has no second derivatives: the plain form is used instead."


class TorchObjective:
    """See `fathometer.network.Objective`.

    Attributes:
        notes: what was changed or left out, in whole sentences.
    """

    def __init__(self, model: torch.nn.Module, loss: Callable[..., Any], chunks: Chunks, pattern: str) -> None:
        self.model, self._loss, self._chunks = model, loss, chunks
        check_mode(model)
        named = {name: p for name, p in model.named_parameters() if p.requires_grad}
        if not named:
            raise InputError("the network must have trainable parameters, got none: all are frozen")
        self.blocks = blocks_of({name: tuple(p.shape) for name, p in named.items()}, pattern)
        self._parameters: Tensors = [named[block.name] for block in self.blocks]
        self.dtype = chosen_dtype({block.name: named[block.name] for block in self.blocks})
        self.rows, self.evaluations, self.notes = chunks.rows, 0, chunks.notes
        self._device = self._parameters[0].device
        self._check()

    @property
    def size(self) -> int:
        """How many parameters were chosen."""
        return self.blocks[-1].part.stop

    @property
    def chunk(self) -> int:
        """How many rows are computed at once."""
        return next(iter(self._chunks))[1]

    @property
    def in_one_chunk(self) -> bool:
        """Whether all rows are computed at once."""
        return self.chunk == self.rows

    def restricted(self, block: Block) -> "TorchObjective":
        """The same loss in the parameters of one block, the others held fixed."""
        other = copy(self)
        other._parameters = [p for own, p in zip(self.blocks, self._parameters, strict=True) if own.name == block.name]
        other.blocks = (replace(block, start=0),)
        return other

    def chunk_bytes(self) -> int:
        """What the first chunk keeps for its derivatives, measured on a product."""
        batch = self._moved(next(iter(self._chunks))[0])
        held: dict[int, int] = {}

        def keep(tensor: torch.Tensor) -> torch.Tensor:
            held[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        for p in self.model.parameters():
            held[p.untyped_storage().data_ptr()] = 0
        known = set(held)
        parts = self._parts(np.zeros(self.size))
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            self._hessian_along(batch, parts)
        return sum(size for place, size in held.items() if place not in known)

    def parameters(self) -> Vector:
        """Where the network is."""
        return np.concatenate([p.detach().reshape(-1).cpu().numpy() for p in self._parameters])

    def loss(self, step: Vector | None = None) -> float:
        """The loss where the network is, or a step from there."""
        self.evaluations += 1
        before = [p.data for p in self._parameters]
        try:
            if step is not None:
                for p, part in zip(self._parameters, self._parts(step), strict=True):
                    p.data = p.data + part
            with torch.no_grad():
                value = sum(weight * float(self._value(batch)) for batch, weight in self._weighted())
            return value if step is not None else finite_loss(value)
        finally:
            for p, data in zip(self._parameters, before, strict=True):
                p.data = data

    def gradient(self) -> Vector:
        """The gradient where the network is."""
        return self._summed(lambda batch, put: self.pull(self._value(batch), None, put))

    def product(self, vector: Vector, matrix: Matrix = Matrix.HESSIAN) -> Vector:
        """A matrix of the loss times a vector."""
        parts = self._parts(vector)
        if Matrix(matrix) is Matrix.HESSIAN:
            return self._summed(lambda batch, put: self._hessian(batch, parts, put))
        from fathometer.network.curvature.objectives._torch_outputs import output_product

        return self._summed(lambda batch, put: output_product(self, batch, parts, Matrix(matrix), put))

    def _hessian(self, batch: Batch, parts: Tensors, put: Put) -> None:
        slopes: dict[int, Any] = {}

        def keep(k: int, slope: torch.Tensor) -> None:
            if slope.requires_grad:  # its values are not needed: only the way to them is
                slopes[k] = get_gradient_edge(slope)

        self.pull(self._value(batch), None, keep, create_graph=True)
        if slopes:
            self.pull(list(slopes.values()), [parts[k] for k in slopes], put)

    def pull(self, outputs: Any, vectors: Any, put: Put, create_graph: bool = False) -> None:
        """Differentiate outputs in the chosen arrays; each gradient is handed on, and let go, as soon as it is there.

        Args:
            outputs: tensors or edges of a graph.
            vectors: what they are weighted with.
            put: takes the number of an array and its gradient.
            create_graph: whether the gradients can be differentiated.
        """

        def hand_on(k: int, gradient: torch.Tensor) -> torch.Tensor:
            put(k, gradient)
            return gradient.new_zeros(()).expand_as(gradient)

        handles = [p.register_hook(partial(hand_on, k)) for k, p in enumerate(self._parameters)]
        try:
            torch.autograd.grad(outputs, self._parameters, vectors, create_graph=create_graph, allow_unused=True)
        finally:
            for handle in handles:
                handle.remove()

    def value(self, model: Any, batch: Batch) -> torch.Tensor:
        """The loss of a chunk for a model or what stands for it."""
        return scalar(self._loss(model, *batch))

    def _value(self, batch: Batch) -> torch.Tensor:
        return self.value(self.model, batch)

    @property
    def chosen(self) -> Tensors:
        """The chosen arrays themselves."""
        return self._parameters

    def _weighted(self) -> Iterator[tuple[Batch, float]]:
        for batch, rows in self._chunks:
            yield self._moved(batch), rows / self.rows

    def _moved(self, batch: Batch) -> Batch:
        return mapped(self._tensor, batch)

    def _tensor(self, array: Any) -> torch.Tensor:
        """On the device of the parameters; real numbers in their format, whole ones as int64."""
        tensor = torch.as_tensor(array if isinstance(array, torch.Tensor) else np.array(array))
        if tensor.is_floating_point():
            return tensor.to(self._device, self._parameters[0].dtype)
        return tensor.to(self._device, tensor.dtype if tensor.dtype is torch.bool else torch.int64)

    def _summed(self, terms: Callable[[Batch, Put], None]) -> Vector:
        """Sum of the chunks' terms with their shares of the rows; in float64 where there are several."""
        total: Vector | None = None
        for batch, weight in self._weighted():
            if total is None:
                total = np.zeros(self.size, self.dtype if weight == 1 else np.float64)
            with derivatives_named(), torch.enable_grad(), plain_attention():
                terms(batch, partial(self._add, total, weight))
        assert total is not None
        return total

    def _add(self, total: Vector, weight: float, k: int, array: torch.Tensor) -> None:
        term = array.detach().reshape(-1).cpu().numpy()
        total[self.blocks[k].part] += term if weight == 1 else weight * term.astype(np.float64)

    def _parts(self, vector: Vector) -> Tensors:
        flat = torch.from_numpy(np.require(vector, self.dtype, ["C", "W"])).to(self._device)
        return [flat[block.part].view(block.shape) for block in self.blocks]

    def _check(self) -> None:
        """One chunk tells whether the loss can be used.

        Raises:
            InputError: if it cannot.
        """
        batch, rows = next(iter(self._chunks))
        batch = self._moved(batch)
        with torch.no_grad():
            whole = check_same(lambda: first_value(lambda: float(self._value(batch))))
            if rows > 1:
                check_mean(whole, self._halves(batch, rows), float(np.finfo(self.dtype).eps))
        with torch.enable_grad(), full_precision():
            value = self._value(batch)
        if not value.requires_grad:
            raise InputError("the loss must be differentiable in the parameters, got one without a gradient")
        names = operations(value)
        if any("ScaledDotProduct" in name for name in names):
            self.notes = (*self.notes, PLAIN_ATTENTION)
        if flat := names & FLAT:
            self._check_flat(batch, sorted(flat)[0])

    def _halves(self, batch: Batch, rows: int) -> float:
        half = rows // 2
        parts = (mapped(lambda array, part=part: array[part], batch) for part in (slice(half), slice(half, None)))
        return sum(rows_of(part) / rows * float(self._value(part)) for part in parts)

    def _hessian_along(self, batch: Batch, parts: Tensors) -> list[bool]:
        """Which arrays of a chunk's product are not zero."""
        seen: list[bool] = []
        with derivatives_named(), torch.enable_grad(), plain_attention():
            self._hessian(batch, parts, lambda k, term: seen.append(bool(term.any())))
        return seen

    def _check_flat(self, batch: Batch, name: str) -> None:
        """Refuse a loss that steps leave as it is.

        Raises:
            InputError: if the Hessian is zero along a random direction.
        """
        parts = self._parts(np.random.default_rng(0).standard_normal(self.size))
        if not any(self._hessian_along(batch, parts)):
            what = name.removesuffix("Backward0").lower()
            raise InputError(f"the loss must be twice differentiable, got zero derivatives through {what}")
