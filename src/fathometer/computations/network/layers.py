"""`network-layers`: what the blocks of a network do to tokens, beside the particle model and a control."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.computations._values import file_of, number
from fathometer.computations.network._files import network_file
from fathometer.study import Choice, Column, Computation, Computed, Text, Whole

if TYPE_CHECKING:
    from fathometer.network.layers import LayersReport

_PER_SITE = {"mean_cosine": "mean cosine of two tokens", "close_pairs": "share of pairs with a cosine above 0.99"}


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Record the texts, fit the model to each block, and put a control beside it.

    Raises:
        InputError: if a file or a network is missing, or is not what it should be.
    """
    from fathometer.evidence import InputError
    from fathometer.network.adapters import brought
    from fathometer.network.layers import LayersReducer, report_of
    from fathometer.network.recording import ids_in_file, lines_in_file, recorded_texts

    net, _ = brought(parameters["network"])
    text, ids, batch = (parameters[name] for name in ("text", "ids", "batch"))
    if bool(text) == bool(ids):
        raise InputError("give either text, a file of texts, or ids, a file of token ids")
    texts = lines_in_file(Path(text), net) if text else ids_in_file(Path(ids))
    control = None if parameters["control"] == "none" else parameters["control"]
    seen = recorded_texts(net, texts, [LayersReducer()], batch, lambda done, whole: None)
    return _computed(report_of(seen, "fit", control, seed, texts=texts, batch=batch))


def _computed(report: "LayersReport") -> Computed:
    explained = np.array([site.step.explained.value for site in report.sites if site.step is not None], float)
    beside = np.array([site.step.explained.value for site in report.control if site.step is not None], float)
    first, last = report.sites[0], report.sites[-1]
    values = {
        "beta": number(report.beta),
        "blocks": len(report.sites) - 1,
        "tokens": report.tokens,
        "explained": number(explained.mean()) if explained.size else None,
        "explained_by_control": number(beside.mean()) if beside.size else None,
        **{f"first_{name}": number(first.numbers[name]) for name in _PER_SITE},
        **{f"last_{name}": number(last.numbers[name]) for name in _PER_SITE},
        "last_unit_energy": number(last.unit_energy),
    }
    arrays = {f"{name}_at_site": np.array([float(s.numbers[name].value) for s in report.sites]) for name in _PER_SITE}
    return Computed(values, arrays=arrays | {"explained_by_block": explained})


COMPUTATION = Computation(
    name="network-layers",
    summary="a network on texts: cosines, energy and the share of each block that the particle model explains",
    parameters={
        "network": Text(),
        "text": Text(),
        "ids": Text(),
        "control": Choice(("random", "shuffled", "centred", "values", "text", "none"), "none"),
        "batch": Whole(1, 10_000, 8),
    },
    compute=compute,
    columns={
        "beta": Column(float, "inverse temperature that explains most"),
        "blocks": Column(int, "number of blocks"),
        "tokens": Column(int, "tokens of all texts"),
        "explained": Column(float, "share of a block that a step of the model explains, mean over blocks"),
        "explained_by_control": Column(float, "the same of the control"),
        **{f"first_{name}": Column(float, f"{meaning}, before the first block") for name, meaning in _PER_SITE.items()},
        **{f"last_{name}": Column(float, f"{meaning}, after the last block") for name, meaning in _PER_SITE.items()},
        "last_unit_energy": Column(float, "unit energy after the last block, in (0, 1]"),
    },
    axes={**{f"{name}_at_site": ("site",) for name in _PER_SITE}, "explained_by_block": ("block",)},
    files={"network": network_file, "text": file_of, "ids": file_of},
    about={
        "network": "folder of transformers, file of ONNX, or module:factory",
        "text": "file of texts, one a line",
        "ids": "npz file of token ids, instead",
        "control": "what the network is compared with",
        "batch": "texts that go through the network at once",
    },
)
