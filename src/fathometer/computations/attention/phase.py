"""`phase`: one row of the (t, beta) diagram: how many pairs of random tokens have met, over time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.computations._values import number
from fathometer.computations.attention._clouds import MODEL, about
from fathometer.study import Choice, Column, Computation, Computed, Real, Whole

_HALF = 0.5


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Follow systems over multiples of the time of the closed form, and see when half of the pairs have met."""
    from fathometer.attention import equiangular_log_time, phase_diagram

    asked = dict(parameters)
    beta, last, saves = asked.pop("beta"), asked.pop("until"), asked.pop("saves")
    closed = equiangular_log_time(0.0, asked["cosine"], asked["n"], beta, asked["model"]).value
    multiples = np.linspace(0, last, saves + 1)[1:]
    found = phase_diagram(betas=[beta], times=multiples * np.exp(closed), seed=seed, **asked)
    fraction = np.asarray(found.fraction.value)[0]
    half = crossing(multiples, fraction, _HALF)
    values = {
        "log_time_half": None if half is None else float(closed + np.log(half)),
        "log_time_predicted": number(closed),
        "time_ratio": half,
        "fraction_at_predicted": at(1.0, multiples, fraction),
        "fraction_at_end": float(fraction[-1]),
        "fraction_error": float(np.max(np.asarray(found.fraction.upper) - np.asarray(found.fraction.lower)) / 2),
    }
    return Computed(values, arrays={"multiple": multiples, "fraction": fraction})


def at(place: float, x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Y at a place, on the straight line between neighbours; None outside of what was sampled.

    Args:
        place: where.
        x: ascending, shape (k,).
        y: shape (k,).
    """
    return float(np.interp(place, x, y)) if x[0] <= place <= x[-1] else None


def crossing(x: NDArray[np.float64], y: NDArray[np.float64], level: float) -> float | None:
    """Where y first reaches a level, on the straight line between neighbours.

    None if it never does, or if it has at the first sample: nobody knows how long before.

    Args:
        x: ascending, shape (k,).
        y: shape (k,).
        level: what to reach.
    """
    reached = y >= level
    if reached[0] or not np.any(reached):
        return None
    first = int(np.argmax(reached))
    return float(np.interp(level, y[first - 1 : first + 1], x[first - 1 : first + 1]))


COMPUTATION = Computation(
    name="phase",
    summary="random tokens at one beta: the fraction of pairs that have met over time, beside the closed form",
    parameters={
        "n": Whole(2, 4096, 32),
        "dim": Whole(2, 65_536, 8),
        "beta": Real(0, 1e4, 1),
        "model": MODEL,
        "score": Choice(("identity", "gaussian", "wigner"), "identity"),
        "systems": Whole(1, 100_000, 64),
        "cosine": Real(0.01, 0.999999, 0.999),
        "until": Real(0.1, 1000, 4),
        "saves": Whole(2, 10_000, 200),
    },
    compute=compute,
    columns={
        "log_time_half": Column(
            float, "natural logarithm of the time at which half of the pairs have met, if between two saves"
        ),
        "log_time_predicted": Column(float, "the same of orthogonal tokens, in closed form"),
        "time_ratio": Column(float, "time at which half of the pairs have met / time of the closed form"),
        "fraction_at_predicted": Column(
            float, "fraction of pairs that have met by the time of the closed form, if between two saves"
        ),
        "fraction_at_end": Column(float, "fraction of pairs that have met by the last time"),
        "fraction_error": Column(float, "largest half width of the 99 % intervals of the fractions"),
    },
    axes={"multiple": ("save",), "fraction": ("save",)},
    about=about(
        "n",
        "dim",
        "beta",
        "model",
        "systems",
        score="Q^T K: the identity, or drawn anew for every system",
        cosine="pairs above this cosine have met",
        until="last time / time of the closed form",
        saves="number of times, in equal steps; the first is until / saves",
    ),
)
