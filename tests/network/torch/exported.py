"""Tiny networks as files of ONNX."""

import warnings
from pathlib import Path
from typing import Any

import torch


class Named(torch.nn.Module):
    """The last hidden state of a model of transformers, of ids and mask in this order."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).last_hidden_state


def export(model: Any, path: Path, version: int = 17) -> Path:
    """Write a model with texts and tokens of any number."""
    model.config._attn_implementation = "eager"
    ids = torch.arange(10).reshape(2, 5) + 3
    mask = torch.ones_like(ids)
    mask[1, 3:] = 0
    free = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is deprecated, and traces
        torch.onnx.export(
            Named(model),
            (ids, mask),
            str(path),
            dynamo=False,
            opset_version=version,
            input_names=["input_ids", "attention_mask"],
            output_names=["last_hidden_state"],
            dynamic_axes={"input_ids": free, "attention_mask": free, "last_hidden_state": free},
        )
    return path
