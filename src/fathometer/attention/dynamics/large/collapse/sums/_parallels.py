"""The kernel between the parallels of the sphere: along each of them a Fourier series, between them a banded table."""

import math

import numpy as np
from jaxtyping import Complex, Float
from scipy.fft import fft, ifft
from scipy.special import ive

from fathometer.attention.dynamics.large._sphere import needed_degree

_CUT = 36.0
"""E-folds below its maximum at which the kernel between two parallels is left out."""


class Parallels:
    """Charges on the sphere, given by their Fourier modes in both angles, to the potential, given likewise.

    With colatitude a and longitude p, exp(beta (<x, y> - 1)) is a Fourier series along the longitude with coefficients
    exp(beta (cos(a - b) - 1)) exp(-z) I_m(z), z = beta sin a sin b. They fall so fast off a = b that a band of some 40
    parallels holds them, and all terms are positive: no Legendre functions, no cancellation. In the colatitude both
    sides are trigonometric polynomials of degree L on the doubled sphere (a from 0 to 2 pi), up to the tail of the
    series of spherical harmonics, so that sums over 2 (L + 1) parallels between the poles are exact.

    Attributes:
        degree: L.
        modes: 2 (L + 1) in both angles: 0 to L, then -L - 1 to -1.
        error: of the potential, in units of the total mass: the harmonics above L.
    """

    def __init__(self, beta: float, tolerance: float) -> None:
        """Make the tables.

        Args:
            beta: inverse temperature, between 0 and 1e4.
            tolerance: of the potential, in units of the total mass, between 1e-14 and 1e-2.
        """
        self.degree, self.error = needed_degree(beta, tolerance)
        rows = self.degree + 1
        self.modes = 2 * rows
        angles = math.pi * (np.arange(rows) + 0.5) / rows
        self._numbers = np.fft.fftfreq(self.modes, 1 / self.modes)
        self._shift = np.exp(1j * self._numbers * math.pi / self.modes)  # half a spacing from the pole to the first
        self._orders = np.arange(rows)
        self._sign = np.where(self._orders % 2 == 0, 1.0, -1.0)
        self._turn = 1j * self._orders / np.sin(angles)[:, None]
        self._table = _table(angles, beta)

    def potential(self, charges: Complex[np.ndarray, "k m"]) -> tuple[Complex[np.ndarray, "k m"], ...]:
        """Return modes of the potential, of its derivative in the colatitude, and of that along the parallel.

        Args:
            charges: sum_j m_j exp(-i (k a_j + m p_j)) of real m_j.
        """
        rows = self.degree + 1
        doubled = ifft(charges[:, :rows] * self._shift[:, None], axis=0)
        smooth = self._apply(doubled[:rows] + self._sign * doubled[rows:][::-1])
        potential = self._modes(smooth, self._sign)
        # along a parallel, the other half of the doubled sphere is passed the other way round
        east = self._modes(smooth * self._turn, -self._sign)
        south = 1j * self._numbers[:, None] * potential
        return tuple(_of_real(half) for half in (potential, south, east))

    def _apply(self, folded: Complex[np.ndarray, "rows m"]) -> Complex[np.ndarray, "rows m"]:
        """Sum over the parallels of the band, one offset after the other."""
        half = len(self._table) // 2
        padded = np.zeros((len(folded) + 2 * half, folded.shape[1]), complex)
        padded[half : half + len(folded)] = folded
        total = np.zeros_like(folded)
        for offset, weights in enumerate(self._table):
            total += weights * padded[offset : offset + len(folded)]
        return total

    def _modes(self, grid: Complex[np.ndarray, "rows m"], sign: Float[np.ndarray, " m"]) -> Complex[np.ndarray, "k m"]:
        doubled = np.concatenate([grid, sign * grid[::-1]])
        modes = np.asarray(fft(doubled, axis=0, overwrite_x=True)) * (np.conj(self._shift)[:, None] / len(doubled))
        modes[len(grid)] = 0.0  # degree L + 1: nothing but its alias
        return modes


def _of_real(half: Complex[np.ndarray, "k m"]) -> Complex[np.ndarray, "k q"]:
    """Modes of a real function, from those with orders 0 to L along the longitude."""
    rows = half.shape[1]
    whole = np.zeros((len(half), 2 * rows), complex)
    whole[:, :rows] = half
    whole[:, rows + 1 :] = np.conj(np.roll(half[::-1], 1, axis=0)[:, :0:-1])
    return whole


def _table(angles: Float[np.ndarray, " rows"], beta: float) -> Float[np.ndarray, "offsets rows m"]:
    """exp(beta (cos(a - b) - 1)) exp(-z) I_m(z) for parallel a, and b by offset; 0 outside of the sphere."""
    rows = len(angles)
    reach = math.pi if beta <= _CUT / 2 else 2 * math.asin(math.sqrt(_CUT / (2 * beta)))
    half = min(rows - 1, math.ceil(reach * rows / math.pi))
    place = np.arange(-half, half + 1)[:, None] + np.arange(rows)
    other = angles[np.clip(place, 0, rows - 1)]
    z = beta * np.sin(angles) * np.sin(other)
    table = np.empty((len(place), rows, rows))
    near = np.exp(-2 * beta * np.sin((angles - other) / 2) ** 2)
    table[:, :, 0] = np.where((place >= 0) & (place < rows), ive(0, z) * near, 0.0)
    # ratios I_m / I_{m-1} by their continued fraction, downwards from far above
    high = rows + 30
    ratio = z / (high + np.sqrt(high**2 + z**2))
    for order in range(high - 1, 0, -1):
        ratio = z / (2 * order + z * ratio)
        if order < rows:
            table[:, :, order] = ratio
    return np.cumprod(table, axis=2, out=table)
