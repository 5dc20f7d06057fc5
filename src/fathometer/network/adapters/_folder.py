"""A network in a folder of transformers, read without a network and without code that lies in the folder."""

import json
import os
import pickle
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed
from fathometer.network.adapters._torch import TorchNetwork

WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
"""Files that hold weights, those that need no pickle first."""


def from_folder(folder: Path) -> TorchNetwork:
    """Read a network of transformers from a folder, in evaluation mode and float32.

    Code that lies in the folder is never run: its configuration must be of an architecture that transformers knows.
    Pickled weights are read with weights_only alone.

    Args:
        folder: holds config.json and the weights.

    Raises:
        InputError: if a file is missing, the architecture is not known, or weights are missing or cannot be read.
    """
    needed("torch")
    needed("transformers")
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder")
    described = _described(folder)
    weights = next((name for name in WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        raise InputError(f"{folder} has no weights: one of {', '.join(WEIGHTS)} is needed")
    with _offline(), _quiet():
        model = _loaded(folder, described, weights)
    return TorchNetwork(model, f"{type(model).__name__} in {folder.name}", folder)


def _described(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{folder} has no config.json") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{folder / 'config.json'} is not JSON: {error}") from error
    if not isinstance(found, dict) or "model_type" not in found:
        raise InputError(f"{folder / 'config.json'} names no model_type")
    if "auto_map" in found:
        raise InputError(f"{folder / 'config.json'} wants code of its own (auto_map), which is never run")
    return found


def _loaded(folder: Path, described: dict[str, Any], weights: str) -> Any:
    torch, transformers = needed("torch"), needed("transformers")
    try:
        config = transformers.AutoConfig.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        model, report = _class(described).from_pretrained(
            str(folder),
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            weights_only=True,
            use_safetensors="safetensors" in weights,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except (OSError, RuntimeError, TypeError, ValueError, KeyError, pickle.UnpicklingError, EOFError) as error:
        raise InputError(f"{folder / weights} cannot be read: {_line(error)}") from error
    except Exception as error:
        if "safetensor" not in type(error).__name__.lower():
            raise
        raise InputError(f"{folder / weights} cannot be read: {_line(error)}") from error
    _check_complete(folder / weights, report)
    return model.eval()


def _class(described: dict[str, Any]) -> Any:
    """The class that the configuration names, or the one of its family without a head."""
    transformers = needed("transformers")
    for name in described.get("architectures") or []:
        found = getattr(transformers, str(name), None)
        if isinstance(found, type) and issubclass(found, transformers.PreTrainedModel):
            return found
    return transformers.AutoModel


def _check_complete(path: Path, report: dict[str, Any]) -> None:
    lacking = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
    if lacking:
        raise InputError(f"{path} lacks {len(lacking)} weights of the architecture, the first is {lacking[0]}")


def _line(error: BaseException) -> str:
    """What went wrong in one line; a pickle that wants to run code is said to."""
    root = error
    while root.__cause__ or root.__context__:
        root = root.__cause__ or root.__context__ or root
    if isinstance(root, pickle.UnpicklingError) or "weights_only" in str(error):
        return "it is a pickle that weights_only refuses, as it could run code"
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def _offline() -> Iterator[None]:
    """No request is made, whatever was imported before."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    constants = needed("huggingface_hub.constants")
    kept = constants.HF_HUB_OFFLINE
    vars(constants)["HF_HUB_OFFLINE"] = True
    try:
        yield
    finally:
        vars(constants)["HF_HUB_OFFLINE"] = kept
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


@contextmanager
def _quiet() -> Iterator[None]:
    """Without progress bars and tables of keys; what matters in them is checked here."""
    logging = needed("transformers").utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
