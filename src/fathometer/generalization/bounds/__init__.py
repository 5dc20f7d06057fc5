"""The bounds, one file for each family; their order here is the order of the catalogue."""

from fathometer.generalization.bounds import (
    all_radii,
    betting,
    cells,
    compression,
    disintegrated,
    finite_class,
    heavy_tails,
    held_out,
    interpolation,
    majority_vote,
    output_conversion,
    pac_bayes_kl,
    published_wasserstein,
    smoothing,
    split,
    stratified,
    uniform,
    unverified,
    wasserstein,
)
from fathometer.generalization.bounds._bound import Bound

_FAMILIES = (
    held_out,
    cells,
    finite_class,
    stratified,
    split,
    compression,
    uniform,
    pac_bayes_kl,
    majority_vote,
    disintegrated,
    published_wasserstein,
    wasserstein,
    smoothing,
    all_radii,
    betting,
    heavy_tails,
    interpolation,
    output_conversion,
    unverified,
)

BOUNDS: tuple[Bound, ...] = tuple(bound for family in _FAMILIES for bound in family.BOUNDS)
