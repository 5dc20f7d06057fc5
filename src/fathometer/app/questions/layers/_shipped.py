"""The ALBERT whose layers come with the package, as statistics of their cosines."""

import numpy as np

from fathometer.app.questions._question import Answer
from fathometer.app.questions.layers._reported import clouds


def shipped() -> Answer:
    """Its layers 0 to 12 and its shared layer iterated up to 400 times, beside the fitted flow and random weights."""
    from fathometer.attention import LayerStatistics
    from fathometer.data import ALBERT_LAYERS_SOURCE, albert_flow, albert_layers

    arrays, flow = albert_layers(), albert_flow()
    given = {"model": ("trained", arrays), "control": ("random", arrays), "flow": ("flow", flow)}
    drawn = {}
    for name, (prefix, values) in given.items():
        drawn |= clouds(name, [LayerStatistics(*(values[f"{prefix}_{field}"] for field in LayerStatistics._fields))])
    shares = {f"{who}_{end}": _share(flow[who], end) for who in ("explained", "control_explained") for end in _OPEN}
    lines = {"findings": [], "notes": ["one text: there is no interval over texts, and all of them are open"]}
    told = {"name": ALBERT_LAYERS_SOURCE, "control": "control: random weights", "texts": 1, "tokens": 239}
    layers = arrays["trained_layers"].astype(int).tolist()
    fits = {"beta": flow["beta"], "tau": flow["tau"]}
    return Answer(told | {"causal": False, "layers": layers} | lines, drawn | shares | fits)


_OPEN = {"value": 0.0, "lower": -np.inf, "upper": np.inf}


def _share(values: np.ndarray, end: str) -> np.ndarray:
    """The share, or an end of its interval, which is open."""
    return values if end == "value" else np.full(values.shape, _OPEN[end])
