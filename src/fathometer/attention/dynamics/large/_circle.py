"""Tokens on the circle: the kernel as a Fourier series with Bessel coefficients, so that n tokens cost of order n."""

import math
from functools import lru_cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Int
from scipy.special import ive

from fathometer.evidence import finite_number

_FEWEST = 16


class CircleSeries:
    """The kernel exp(beta (cos t - 1)) = sum_k a_k exp(i k t), a_k = exp(-beta) I_k(beta), up to frequency K.

    Sums over tokens are not taken at frequencies (that would cost n K): the circle is cut into 4 K cells or more, each
    keeps the moments of its tokens about its centre, Fourier transforms over the cells make coefficients of them by
    Taylor's formula, and the same way back. In a cell, frequencies have a phase of at most pi/4, so that `terms`
    moments leave a relative error of (pi/4)^terms / terms!.

    Attributes:
        beta: inverse temperature.
        error: bound of the errors of Z and of the force, in units of the total mass, rounding aside: frequencies above
            K, and the moments that were left out.
        cells: a power of 2.
        terms: moments of every cell.
        kernel: a_k for k = 0 to K, shape (K + 1,).
        pull: (a_{k-1} - a_{k+1}) / 2, coefficients of the force, shape (K + 1,).
    """

    def __init__(self, beta: float, tolerance: float = 1e-12) -> None:
        """Choose frequencies, cells and moments.

        Args:
            beta: inverse temperature, between 0 and 1e8.
            tolerance: for `error`, between 1e-14 and 1e-2.

        Raises:
            InputError: if a value is not as above.
        """
        self.beta = finite_number("beta", beta, at_least=0, at_most=1e8)
        tolerance = finite_number("tolerance", tolerance, at_least=1e-14, at_most=1e-2)
        needed, tail = _frequencies(self.beta, tolerance / 2)
        self.cells = max(_FEWEST, 1 << (4 * needed - 1).bit_length())
        orders = np.arange(needed + 2)
        bessel = ive(orders, self.beta)
        top = self.cells // 4  # unused frequencies are zero, so that few shapes are compiled
        self.kernel = jnp.asarray(_padded(bessel[:-1], top + 1))
        self.pull = jnp.asarray(_padded(np.append(0.0, (bessel[:-2] - bessel[2:]) / 2), top + 1))
        phase = math.pi * needed / self.cells
        self.terms = next(p for p in range(1, 40) if _left_out(phase, p) <= tolerance / 2)
        self.error = tail + _left_out(phase, self.terms)

    def interaction(
        self, angles: Float[Array, " n"], masses: Float[Array, " n"]
    ) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
        """Force on every token along the circle, sum_j m_j k(t_i - t_j) sin(t_j - t_i), and Z_i.

        Args:
            angles: any real numbers.
            masses: positive, sum 1.
        """
        return series_interaction(angles, masses, (self.kernel, self.pull), (self.cells, self.terms))


def _padded(values: Float[np.ndarray, " k"], length: int) -> Float[np.ndarray, " top"]:
    return np.pad(values, (0, length - len(values)))


def last_order(beta: float) -> int:
    """Order from which on exp(-beta) I_k(beta) is below the rounding of sums of it."""
    return int(40 + 2 * math.sqrt(beta) * math.sqrt(40 + beta / (beta + 40)))


@lru_cache
def _frequencies(beta: float, tolerance: float) -> tuple[int, float]:
    """Least K whose tails, of the kernel 2 sum_{k > K} a_k and of the force a_K + a_{K+1}, are below, and the larger.

    Frequencies from far above K on fall faster than a geometric series; they are summed until they vanish.
    """
    values = ive(np.arange(last_order(beta) + 2), beta)
    beyond = 2 * np.append(np.cumsum(values[::-1])[::-1][1:], 0.0)
    tails = np.maximum(beyond[:-1], values[:-1] + values[1:])
    needed = max(1, int(np.argmax(tails <= tolerance)))
    return needed, float(tails[needed])


def _left_out(phase: float, terms: int) -> float:
    """Error by moments above a number, on the way to the frequencies and back: sum_k |a_k| is at most 1."""
    one = phase**terms / math.factorial(terms)
    return 2 * one + one**2


@partial(jax.jit, static_argnames="sizes")
def series_interaction(
    angles: Float[Array, " n"],
    masses: Float[Array, " n"],
    coefficients: tuple[Float[Array, " k"], Float[Array, " k"]],
    sizes: tuple[int, int],
) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Force and Z of every token, from kernel and pull, and the numbers of cells and of terms, of a `CircleSeries`.

    Args:
        angles: of the tokens in radians, shape (n,), any branch.
        masses: shape (n,), sum 1.
        coefficients: kernel and pull of a `CircleSeries`, each of shape (k,).
        sizes: its numbers of cells and of terms.
    """
    (kernel, pull), (cells, terms) = coefficients, sizes
    turns = angles * (cells / (2 * jnp.pi))
    index = jnp.floor(turns)
    offset = 2 * (turns - index) - 1  # from the centre of the cell, in half cells
    cell = jnp.mod(index, cells).astype(jnp.int32)
    steps = _taylor(len(kernel), cells, terms)
    density = jnp.sum(jnp.conj(steps) * _moments(cell, offset, masses, cells, terms), axis=0)
    force = _at_tokens(jax.lax.complex(jnp.zeros_like(pull), pull) * density, steps, cell, offset, cells)
    partition = _at_tokens(kernel.astype(complex) * density, steps, cell, offset, cells)
    return force, jnp.maximum(partition, masses)  # a token feels itself at least


def _taylor(count: int, cells: int, terms: int) -> Complex[Array, "p k"]:
    """(i k h)^p / p! for every moment p and frequency k, with h half a cell."""
    orders = np.arange(terms)[:, None]
    factorials = np.array([math.factorial(p) for p in range(terms)], float)[:, None]
    return jnp.asarray((1j * np.arange(count) * np.pi / cells) ** orders / factorials)


def _moments(
    cell: Int[Array, " n"], offset: Float[Array, " n"], masses: Float[Array, " n"], cells: int, terms: int
) -> Complex[Array, "p k"]:
    """Fourier transforms over the cells of the moments of their tokens."""
    weight, rows = masses, []
    for _ in range(terms):
        rows.append(jax.ops.segment_sum(weight, cell, cells))
        weight = weight * offset
    return jnp.fft.rfft(jnp.stack(rows))[:, : cells // 4 + 1]


def _at_tokens(coefficients, steps, cell, offset, cells: int) -> Float[Array, " n"]:
    """Sum of the series at the tokens, by its Taylor polynomial about the centre of their cell."""
    tables = cells * jnp.fft.irfft(steps * coefficients[None], cells)
    value = tables[-1][cell]
    for table in tables[-2::-1]:
        value = value * offset + table[cell]
    return value
