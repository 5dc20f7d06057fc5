"""Whatever is brought becomes a network."""

import sys
from pathlib import Path
from typing import Any, cast

from fathometer.evidence import InputError
from fathometer.network._network import Network
from fathometer.network.adapters._folder import from_folder
from fathometer.network.adapters._jax import JaxNetwork
from fathometer.network.adapters._onnx import OnnxNetwork
from fathometer.network.adapters._torch import TorchNetwork

BROUGHT = "a torch module, (JAX function, parameters), a folder of transformers or a file M.onnx"


def wrap(model: Any) -> Network:
    """Whatever is brought, as a network.

    Nothing of it is copied: a network that is trained further is seen as it then is.

    Args:
        model: a module of torch; a pair of a JAX function of (parameters, rows) and its parameters, a tree; the path of
            a folder of transformers (config.json and weights); the path of a file of ONNX; or a network already.

    Raises:
        InputError: if it is none of these, cannot be read, or what it needs is not installed.
    """
    if isinstance(model, TorchNetwork | JaxNetwork | OnnxNetwork):
        return model
    if isinstance(model, str | Path):
        return _from_path(Path(model))
    if is_torch(model):
        return TorchNetwork(cast(Any, model))
    if isinstance(model, tuple) and len(model) == 2 and callable(model[0]) and not is_torch(model[0]):
        return JaxNetwork(*model)
    raise InputError(f"a network must be {BROUGHT}, got {type(model).__name__}")


def is_torch(model: Any) -> bool:
    """Whether something is a module of torch, without importing torch for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def _from_path(path: Path) -> Network:
    if path.suffix == ".onnx":
        return OnnxNetwork(path)
    if not path.exists():
        raise InputError(f"{path} is not there; a network must be {BROUGHT}")
    if path.is_file():
        raise InputError(f"{path} is a file; a network must be {BROUGHT}")
    return from_folder(path)


def is_tensor(value: Any) -> bool:
    """Whether something is a tensor of torch, without importing torch for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
