"""Clusters of points at a resolution."""

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist


def single_linkage(points: Float[np.ndarray, "n d"], chord: float) -> Int[np.ndarray, " n"]:
    """Label the connected components of the graph that joins points at distance `chord` or less.

    Labels are 0, 1, ... in the order of first appearance. Memory n^2.
    """
    _, labels = connected_components(cdist(points, points) <= chord, directed=False)
    return labels
