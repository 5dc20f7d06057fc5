"""`minimal-energy`: the least energy of n tokens, from above and from below."""

from typing import Any

from fathometer.computations._values import number, worst
from fathometer.computations.attention._clouds import about
from fathometer.study import Column, Computation, Computed, Real, Whole


def compute(parameters: dict[str, Any], seed: int) -> Computed:
    """Let tokens repel each other from many starts, and prove how low any cloud can be."""
    from fathometer.attention import least_energy

    asked = dict(parameters)
    found = least_energy(asked.pop("n"), asked.pop("dim"), asked.pop("beta"), **asked, seed=seed)
    values = {
        "best": number(found.best),
        "lower_bound": number(found.bound.bound),
        "gap": number(found.gap),
        "reached_best": number(None if found.search is None else found.search.reached),
        "configuration": None if found.configuration is None else found.configuration.name,
    }
    return Computed(values, worst(found.verdicts()))


COMPUTATION = Computation(
    name="minimal-energy",
    summary="tokens that repel each other: the best of many descents beside a proved lower bound",
    parameters={
        "n": Whole(2, 1000, 12),
        "dim": Whole(2, 128, 3),
        "beta": Real(1e-9, 1e4, 1),
        "degree": Whole(1, 60, 30),
        "starts": Whole(1, 1000, 16),
    },
    compute=compute,
    columns={
        "best": Column(float, "least unit energy that is known, in (0, 1]"),
        "lower_bound": Column(float, "unit energy that no cloud is below, proved"),
        "gap": Column(float, "1 - lower bound / best"),
        "reached_best": Column(float, "share of the descents that end in the best energy"),
        "configuration": Column(str, "name of the universally optimal configuration of this size"),
    },
    about=about(
        "n", "dim", "beta", degree="degree of the polynomial that proves the lower bound", starts="number of descents"
    ),
)
