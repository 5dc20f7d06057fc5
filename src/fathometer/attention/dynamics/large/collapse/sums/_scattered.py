"""Potential and pull at scattered tokens by nonuniform Fourier transforms."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import ive

from fathometer.attention.dynamics.large._circle import CircleSeries
from fathometer.attention.dynamics.large.collapse.sums._parallels import Parallels

Interaction = Callable[
    [Float[np.ndarray, "n d"], Float[np.ndarray, " n"]], tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]
]
"""Takes unit rows and masses of sum 1, returns forces P_{x_i} sum_j m_j k(x_i, x_j) x_j, and Z_i."""


_COARSE = 1e-9
"""Tolerance down to which the grid may have only 1.25 times as many places as modes in each direction."""


def transforms_are_here() -> bool:
    """Whether the nonuniform Fourier transforms are installed."""
    return find_spec("finufft") is not None


class SphereTransforms:
    """Tokens in dimension 3, at a cost of order n + L^2: see `Parallels`.

    Attributes:
        degree: L.
    """

    def __init__(self, beta: float, tolerance: float) -> None:
        """Make the tables.

        Args:
            beta: inverse temperature, between 0.1 and 1e4.
            tolerance: of Z and of forces, in units of the total mass, between 1e-13 and 1e-2.
        """
        # the force is a derivative of Z over beta, and its error as much larger
        self._beta, self._tolerance = beta, tolerance * min(1.0, beta)
        self._parallels = Parallels(beta, self._tolerance)
        self.degree = self._parallels.degree
        self._library: Any = import_module("finufft")

    def __call__(
        self, points: Float[np.ndarray, "n 3"], masses: Float[np.ndarray, " n"]
    ) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, " n"]]:
        """Return the force and Z of every token; `FloatingPointError` where a point is not finite."""
        _finite(points)
        x, y, z = points.T
        across = np.hypot(x, y)
        angles = np.arctan2(across, z), np.arctan2(y, x)
        size = (self._parallels.modes,) * 2
        options = _options(len(points), self._parallels.modes**2, self._tolerance)
        charges = self._library.nufft2d1(*angles, masses.astype(complex), size, isign=-1, **options)
        potential, south, east = self._parallels.potential(charges)
        both, east = self._library.nufft2d2(*angles, np.stack([potential + 1j * south, east]), isign=1, **options)
        off = across > 0  # at a pole the longitude is what arctan2 makes of two zeros
        cosine = np.divide(x, across, out=np.copysign(1.0, x), where=off)
        sine = np.divide(y, across, out=np.zeros_like(y), where=off)
        south, east = both.imag / self._beta, east.real / self._beta
        level = south * z
        force = np.stack([level * cosine - east * sine, level * sine + east * cosine, -south * across], axis=1)
        return force, np.maximum(both.real, masses)  # a token feels itself at least


class CircleTransforms:
    """Tokens in dimension 2: the Fourier series of `CircleSeries`, its sums over tokens by nonuniform transforms.

    Attributes:
        degree: highest frequency.
    """

    def __init__(self, beta: float, tolerance: float) -> None:
        """Take the coefficients.

        Args:
            beta: inverse temperature, between 1e-100 and 1e8.
            tolerance: of Z, in units of the total mass, between 1e-13 and 1e-2.
        """
        self.degree = CircleSeries(beta, tolerance).cells // 4
        self._numbers = np.fft.fftfreq(2 * self.degree, 1 / (2 * self.degree))
        self._kernel = ive(np.abs(self._numbers), beta)
        self._beta, self._tolerance = beta, tolerance
        self._library: Any = import_module("finufft")

    def __call__(
        self, points: Float[np.ndarray, "n 2"], masses: Float[np.ndarray, " n"]
    ) -> tuple[Float[np.ndarray, "n 2"], Float[np.ndarray, " n"]]:
        """Return the force and Z of every token; `FloatingPointError` where a point is not finite."""
        _finite(points)
        x, y = points.T
        angles = np.arctan2(y, x)
        options = _options(len(points), 2 * self.degree, self._tolerance)
        charges = self._library.nufft1d1(angles, masses.astype(complex), 2 * self.degree, isign=-1, **options)
        modes = charges * self._kernel * (1 - self._numbers / self._beta)  # Z + i Z' / beta
        both = self._library.nufft1d2(angles, modes, isign=1, **options)
        return both.imag[:, None] * np.stack([-y, x], axis=1), np.maximum(both.real, masses)


def _finite(points: Float[np.ndarray, "n d"]) -> None:
    if not np.isfinite(points).all():  # the library would write outside its arrays
        raise FloatingPointError("points of a cloud: not finite")


def _options(tokens: int, modes: int, tolerance: float) -> dict[str, Any]:
    """Options of a transform: for few tokens a finer one of the two grids would cost most."""
    coarse = tokens < modes and tolerance >= _COARSE
    # more threads would add up in any order
    return {"eps": tolerance, "nthreads": 1, "modeord": 1, "upsampfac": 1.25 if coarse else 2.0}
