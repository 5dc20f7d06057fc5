"""The way in which the forces of a cloud are summed: the cheapest for its size, chosen again as it shrinks."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.large._circle import CircleSeries
from fathometer.attention.dynamics.large._sphere import LARGEST, SphereSeries, needed_degree
from fathometer.attention.dynamics.large._tiles import tiled_interaction, usual_tile
from fathometer.attention.dynamics.large.collapse.sums._pairs import SKIN, PairLists, reach_of
from fathometer.attention.dynamics.large.collapse.sums._scattered import (
    CircleTransforms,
    Interaction,
    SphereTransforms,
    transforms_are_here,
)

_PAIR = 20e-9
"""Seconds for a pair in lists, their renewal included, about."""

_TOKEN, _MODE = 0.4e-6, 0.28e-6
"""Seconds for a token in nonuniform transforms, and for L^2 modes."""

_MOST_PAIRS = 128
"""Pairs to a token up to which lists are made: their memory stays proportional to the number of tokens."""


_LEAST = {2: 1e-100, 3: 0.1}
"""Beta from which on transforms serve, by dimension.

Below it, 1/beta overflows, or the force, a derivative of the potential over beta, would need transforms that are finer
than rounding; the series has few degrees there, and its force is no derivative.
"""

_NONE = 1e-100
"""Beta below which it is 0: the kernel is 1 to any rounding."""


class Choice:
    """Forces by transforms, by lists of pairs or by tiles.

    Attributes:
        beta: inverse temperature; 0 for one that is as good as 0.
        tolerance: of Z, in units of the total mass.
    """

    def __init__(self, beta: float, dim: int, tolerance: float) -> None:
        """Prepare whatever may be chosen.

        Args:
            beta: inverse temperature, at least 0.
            dim: dimension of the space, at least 2.
            tolerance: between 1e-13 and 1e-6.
        """
        self.beta, self.tolerance, self._dim = beta if beta >= _NONE else 0.0, tolerance, dim
        self._whole: Interaction | None = None
        self._lists = PairLists(self.beta) if self.beta > 0 else None
        self._crowding = 1.0

    def of(self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]) -> Interaction:
        """Return the sums that are cheapest for so many tokens with such masses."""
        if self._lists is None:
            return self._all()
        n, reach = len(points), (1 + SKIN) * reach_of(self.beta, masses)
        if self._dim > 3:
            return self._lists if reach < 1 and n * _share(reach, self._dim) < _MOST_PAIRS else self._all()
        evenly = n**2 / 2 * _share(reach, self._dim)
        pairs = max(self._crowding, 1.0) * evenly
        if pairs > _MOST_PAIRS * n or _PAIR * pairs > self._seconds(n):
            return self._all()
        return self._lists

    def note(self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]) -> None:
        """See how many pairs there really are."""
        if self._lists is not None and len(self._lists):
            evenly = len(points) ** 2 / 2 * _share((1 + SKIN) * reach_of(self.beta, masses), self._dim)
            self._crowding = len(self._lists) / evenly

    def _seconds(self, n: int) -> float:
        """About the seconds of an evaluation without lists."""
        if self._dim == 2:
            return _TOKEN * n
        if not _transformed(self.beta, self._dim):
            return 1e-8 * n**2
        return _TOKEN * n + _MODE * needed_degree(self.beta, self.tolerance)[0] ** 2

    def _all(self) -> Interaction:
        if self._whole is None:
            self._whole = whole(self.beta, self._dim, self.tolerance)
        return self._whole


def whole(beta: float, dim: int, tolerance: float) -> Interaction:
    """Sums over all tokens: by nonuniform transforms where they are installed, else by series and tiles.

    Args:
        beta: inverse temperature, at least 0.
        dim: dimension of the space, at least 2.
        tolerance: of Z, in units of the total mass, between 1e-13 and 1e-6.
    """
    if _transformed(beta, dim):
        return (CircleTransforms if dim == 2 else SphereTransforms)(beta, tolerance)
    return _Compiled(beta, dim)


def _transformed(beta: float, dim: int) -> bool:
    return transforms_are_here() and dim in _LEAST and _LEAST[dim] <= beta <= {2: 1e8, 3: LARGEST}[dim]


class _Compiled:
    """Compiled sums, for numbers of tokens that are powers of 2: the rest is without mass."""

    def __init__(self, beta: float, dim: int) -> None:
        self._beta, self._dim = beta, dim

    def __call__(
        self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]
    ) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
        n = len(points)
        size = 1 << max(n - 1, 63).bit_length()
        places, weights = np.tile(points[0], (size, 1)), np.zeros(size)
        places[:n], weights[:n] = points, masses
        force, partition = self._sums(places, weights)
        return force[:n], partition[:n]

    def _sums(
        self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]
    ) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
        if self._dim == 2 and self._beta <= 1e8:
            angles = np.arctan2(points[:, 1], points[:, 0])
            along, partition = map(
                np.asarray, CircleSeries(self._beta).interaction(jnp.asarray(angles), jnp.asarray(masses))
            )
            return along[:, None] * np.stack([-points[:, 1], points[:, 0]], axis=1), partition
        arrays = jnp.asarray(points), jnp.asarray(masses)
        degree = needed_degree(self._beta, 1e-12)[0] if self._dim == 3 and self._beta <= LARGEST else np.inf
        sums = (
            SphereSeries(self._beta).interaction(*arrays)
            if 7 * (degree + 1) ** 2 <= len(points)
            else tiled_interaction(*arrays, self._beta, usual_tile())
        )
        force, partition = map(np.asarray, sums)
        return force, partition


def _share(reach: float, dim: int) -> float:
    """Share of the sphere within a distance of a point, about."""
    if dim == 2:
        return min(1.0, reach / np.pi)
    return min(1.0, (reach / 2) ** (dim - 1))
