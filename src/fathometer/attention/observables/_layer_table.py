"""What is reported of every layer."""

import numpy as np

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._cosines import CENTRED_MEAN_COSINE, CLOSE_PAIRS, centred, cosine_quantiles
from fathometer.attention.observables._ranks import DISTANCE_TO_COLLAPSE, PARTICIPATION_RATIO, STABLE_RANK
from fathometer.attention.observables._standard import CLUSTER_COUNT, EFFECTIVE_RANK, MEAN_COSINE, UNIT_ENERGY
from fathometer.attention.observables.clusters._gaps import DIAMETER, LARGEST_GAP
from fathometer.attention.observables.clusters._membership import CLUSTER_STABILITY
from fathometer.attention.observables.clusters._neighbours import EFFECTIVE_NEIGHBOURS
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
    return {
        **_quantiles("cosine", run),
        **_quantiles("centred", centred(run)),
        **{observable.name: run.observe(observable) for observable in _OBSERVABLES},
    }


def _quantiles(name: str, run: Trajectory) -> dict[str, Estimate]:
    masses, levels = ParticleSystem.expect(run.problem).masses, list(_LEVELS.values())

    def quantiles(way: Trajectory) -> Estimate:
        return Estimate.exact(cosine_quantiles(way.states["points"], masses, levels))

    measured = run.measure(quantiles)
    columns = zip(*(np.asarray(part).T for part in (measured.value, measured.lower, measured.upper)), strict=True)
    return {
        f"{name}_{level}": Estimate(value, lower, upper, measured.kind, along=run.axis)
        for level, (value, lower, upper) in zip(_LEVELS, columns, strict=True)
    }
