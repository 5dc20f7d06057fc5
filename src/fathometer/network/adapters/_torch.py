"""A network of torch."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._outputs import array_of, score_rows, taking
from fathometer.network.adapters._rows import as_array, chunks

if TYPE_CHECKING:
    import torch


class TorchNetwork:
    """A module of torch, with its parameters where and as they are.

    Attributes:
        framework: "torch".
        name: class of the module, or what it was read from.
        model: the module.
        folder: where its files lie, if it was read from a folder.
        redrawn: whether it is meant to draw numbers each time that it is called.
    """

    framework = "torch"

    def __init__(self, model: "torch.nn.Module", name: str | None = None, folder: Any = None) -> None:
        self.model = model
        self.name = name or type(model).__name__
        self.folder, self.redrawn = folder, False
        _check_devices(model)

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of the trainable parameters by name; shared ones once, frozen ones not."""
        return {name: tuple(p.shape) for name, p in self.model.named_parameters() if p.requires_grad}

    def scores(self, inputs: Any) -> NDArray[np.float64]:
        """What it gives for rows, in evaluation mode and without gradients.

        Args:
            inputs: an array of rows, or a dictionary of arrays that the module takes by name.

        Returns:
            Scores, shape (rows, outputs).
        """
        with evaluating(self.model):
            return np.concatenate([self._of(part, rows) for part, rows in chunks(inputs)])

    def called(self, inputs: Any) -> Any:
        """What the module gives for rows, as it gives it."""
        given = self.tensors(inputs)
        return self.model(**given) if isinstance(given, dict) else self.model(given)

    def tensors(self, inputs: Any) -> Any:
        """Rows as tensors on the device of the module, floating numbers in its precision."""
        if isinstance(inputs, Mapping):
            return {name: v if isinstance(v, bool) else self._tensor(v) for name, v in inputs.items()}
        return self._tensor(inputs)

    def _of(self, inputs: Any, rows: int) -> NDArray[np.float64]:
        with taking(self.name):
            given = self.called(inputs)
        return score_rows(numpy_of(array_of(given)), rows)

    def _tensor(self, values: Any) -> "torch.Tensor":
        torch = needed("torch")
        found = torch.as_tensor(values if isinstance(values, torch.Tensor) else np.array(as_array(values)))
        first = next(self.model.parameters(), None)
        device = "cpu" if first is None else first.device
        if found.is_floating_point() or (found.dtype != torch.bool and not self._takes_ids()):
            return found.to(device, torch.get_default_dtype() if first is None else first.dtype)
        return found.to(device) if found.dtype == torch.bool else found.to(device, torch.int64)

    def _takes_ids(self) -> bool:
        return any(isinstance(module, needed("torch").nn.Embedding) for module in self.model.modules())


@contextmanager
def evaluating(model: "torch.nn.Module") -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every part is in the mode that it was in."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with needed("torch").no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def numpy_of(tensor: Any) -> NDArray[Any]:
    """A tensor as an array; half precision becomes float32."""
    torch = needed("torch")
    held = tensor.detach().cpu()
    return (held.float() if held.dtype in (torch.float16, torch.bfloat16) else held).numpy()


def _check_devices(model: "torch.nn.Module") -> None:
    places: dict[str, str] = {}
    for name, parameter in model.named_parameters():
        places.setdefault(str(parameter.device), name)
    if "meta" in places:
        raise InputError(f"parameter {places['meta']} has no values (device meta); load the weights first")
    if len(places) > 1:
        held = ", ".join(f"{name} on {device}" for device, name in places.items())
        raise InputError(f"all parameters must be on one device, got {held}")
