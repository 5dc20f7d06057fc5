"""The drawing of one bound: against the sample size and against the confidence."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, text_up
from fathometer.generalization.bounds._bound import Bound
from fathometer.generalization.bounds._catalogue import bound, evaluate_bound
from fathometer.report import Chart, Comparison, Curve, Figure, Panel, Role, level

SIZES = ("m", "n", "m_prior")
"""Keys that count data points, the first of a bound against which it is drawn."""

POINTS = 41
SPAN = 100.0
"""Sample sizes are drawn from this many times fewer to as many times more than were given."""

DELTAS = np.geomspace(1e-9, 0.5, POINTS)


def bound_figure(name: str, values: Mapping[str, str]) -> Figure:
    """Draw a bound as far as it can be: against the number of data points at a fixed empirical risk, and against delta.

    Args:
        name: id of the bound.
        values: decimal texts by key, as `evaluate_bound` takes them.

    Raises:
        InputError: if it has neither key, or the values are not allowed.
    """
    chosen = bound(name)
    numbers, keys = chosen.read(values), [key.name for key in chosen.keys]
    panels: list[Panel] = []
    size = next((key for key in SIZES if key in keys), None)
    drawn: dict[str, NDArray] = {}
    if size is not None:
        given = float(numbers[size])
        sizes = np.unique(np.round(np.geomspace(max(1.0, given / SPAN), given * SPAN, POINTS)))
        texts = [f"{number:.0f}" for number in sizes]
        drawn |= {size: sizes, f"by_{size}": _along(name, values, size, texts)}
        panels.append(_chart(chosen, values, size, sizes, drawn[f"by_{size}"], f"{size} (data points)", given))
    if "delta" in keys:
        drawn |= {"delta": DELTAS, "by_delta": _along(name, values, "delta", [repr(float(x)) for x in DELTAS])}
        label = "delta (probability with which the bound may fail)"
        panels.append(_chart(chosen, values, "delta", DELTAS, drawn["by_delta"], label, float(numbers["delta"])))
    if not panels:
        raise InputError(f"a figure of {name} has nothing to be drawn against: it has no key of {[*SIZES, 'delta']}")
    value = evaluate_bound(name, **values).value
    row = Comparison(name, "none" if value is None else f"at most {text_up(value, 6)}", str(values.get("risk", "")))
    return Figure(f"bound-{name}", tuple(panels), (row,), drawn, title=chosen.title)


def _along(name: str, values: Mapping[str, str], key: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """Values of the bound where one key takes others; NaN where they are not allowed."""
    return np.array([_value(name, {**values, key: text}) for text in texts])


def _value(name: str, values: Mapping[str, str]) -> float:
    try:
        value = evaluate_bound(name, **values).value
    except InputError:  # such as more errors than points
        return np.nan
    return np.nan if value is None else value


def _chart(
    chosen: Bound,
    values: Mapping[str, str],
    key: str,
    at: NDArray[np.float64],
    bounds: NDArray[np.float64],
    label: str,
    given: float,
) -> Chart:
    curves = [
        Curve("bound", at, bounds, Role.PREDICTED),
        Curve("as given", [given], [_value(chosen.id, values)], Role.MEASURED),
    ]
    if "risk" in values:
        curves.append(level("empirical risk", at, float(values["risk"]), group=1))
    if np.nanmax(bounds, initial=0) >= chosen.top:
        curves.append(level("vacuous from here", at, chosen.top, group=2))
    fixed = ", ".join(f"{name} = {text}" for name, text in values.items() if name != key and len(text) < 20)
    return Chart(chosen.title, label, f"{chosen.id} (upper bound on the risk)", tuple(curves), fixed, log_x=True)
