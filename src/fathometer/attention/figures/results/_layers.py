"""The drawing of recorded layers: cosines, energy, ranks, beside a control."""

from collections.abc import Mapping

import numpy as np

from fathometer.evidence import Estimate
from fathometer.report import Chart, Curve, Figure, HeatMap, Panel, Role

GROUPS = {
    "Cosines of pairs of tokens": ("cosine", ("cosine_q05", "mean_cosine", "cosine_q95", "centred_mean_cosine")),
    "Pairs that have met": ("share of pairs with a cosine above 0.99", ("close_pairs",)),
    "Interaction energy": ("unit energy (1 = one cluster)", ("unit_energy",)),
    "Shape of the cloud": ("number", ("effective_rank", "cluster_count", "effective_neighbours")),
}
NAMES = {
    "cosine_q05": "5 % quantile",
    "mean_cosine": "mean",
    "cosine_q95": "95 % quantile",
    "centred_mean_cosine": "mean, around their centre",
    "close_pairs": "pairs",
    "unit_energy": "energy",
    "effective_rank": "effective rank",
    "cluster_count": "clusters",
    "effective_neighbours": "effective neighbours",
}


def layers_figure(
    table: Mapping[str, Estimate],
    control: Mapping[str, Estimate] | None = None,
    density: tuple[np.ndarray, np.ndarray] | None = None,
) -> Figure:
    """Draw the observables of recorded layers, those of a control as thin lines beside them.

    Args:
        table: estimates along layers, by name, as `layer_table` gives them.
        control: the same of a control; None without one.
        density: edges, shape (bins + 1,), and density, shape (layers, bins), of the cosines; None without pairs.
    """
    charts: list[Panel] = [_chart(title, label, names, table, control) for title, (label, names) in GROUPS.items()]
    layers = len(next(iter(table.values())).value)  # type: ignore[arg-type]
    if density is not None and layers > 1:
        edges, heights = density
        charts.append(
            HeatMap(
                "Law of the cosines",
                "cosine of a pair of tokens",
                "layer",
                "density",
                (edges[1:] + edges[:-1]) / 2,
                np.arange(layers),
                heights,
            )
        )
    data = {name: np.asarray(estimate.value) for name, estimate in table.items()}
    return Figure("attention-layers", tuple(charts), (), data, title=f"Tokens in {layers} layers")


def _chart(
    title: str,
    label: str,
    names: tuple[str, ...],
    table: Mapping[str, Estimate],
    control: Mapping[str, Estimate] | None,
) -> Chart:
    layers = np.arange(len(np.asarray(table[names[0]].value)))
    curves = [Curve(NAMES[name], layers, table[name], Role.MEASURED, group) for group, name in enumerate(names)]
    if control is not None:
        curves += [
            Curve(f"{NAMES[name]}, control", layers, control[name], Role.LIMIT, group)
            for group, name in enumerate(names)
        ]
    return Chart(title, "layer (0 = what enters the first block)", label, tuple(curves))
