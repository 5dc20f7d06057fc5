"""What is reported of every layer."""

import numpy as np
from numpy.typing import NDArray

from fathometer.attention._cosines import CENTRED_MEAN_COSINE, CLOSE_PAIRS, centred_directions, cosine_quantiles
from fathometer.attention._gaps import DIAMETER, LARGEST_GAP
from fathometer.attention._membership import CLUSTER_STABILITY
from fathometer.attention._neighbours import EFFECTIVE_NEIGHBOURS
from fathometer.attention._observables import CLUSTER_COUNT, EFFECTIVE_RANK, MEAN_COSINE, UNIT_ENERGY
from fathometer.attention._ranks import DISTANCE_TO_COLLAPSE, PARTICIPATION_RATIO, STABLE_RANK
from fathometer.attention._system import particles
from fathometer.evidence import Estimate, Trajectory

_LEVELS = {"q05": 0.05, "median": 0.5, "q95": 0.95}

_OBSERVABLES = (
    MEAN_COSINE,
    CENTRED_MEAN_COSINE,
    CLOSE_PAIRS,
    EFFECTIVE_RANK,
    STABLE_RANK,
    PARTICIPATION_RATIO,
    DISTANCE_TO_COLLAPSE,
    CLUSTER_COUNT,
    CLUSTER_STABILITY,
    LARGEST_GAP,
    DIAMETER,
    EFFECTIVE_NEIGHBOURS,
    UNIT_ENERGY,
)


def layer_table(run: Trajectory) -> dict[str, Estimate]:
    """Every quantity that is reported of layers, by name: the observables of tokens and quantiles of their cosines.

    The quantiles are those of the tokens and of their directions from the mean token, "centred".

    Args:
        run: tokens along any axis, with states "points".
    """
    points, masses = run.states["points"], particles(run.problem).masses
    centred = centred_directions(points, masses)
    return {
        **_quantiles("cosine", points, run),
        **_quantiles("centred", centred, run),
        **{observable.name: run.observe(observable) for observable in _OBSERVABLES},
    }


def _quantiles(name: str, vectors: NDArray[np.float64], run: Trajectory) -> dict[str, Estimate]:
    columns = cosine_quantiles(vectors, particles(run.problem).masses, list(_LEVELS.values())).T
    named = zip(_LEVELS, columns, strict=True)
    return {f"{name}_{level}": Estimate.exact(column, along=run.axis) for level, column in named}
