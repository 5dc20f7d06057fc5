"""Fits of several fields at once, such as one of each head: the tokens that it takes are few, and a sample of all."""

from dataclasses import dataclass
from heapq import nlargest
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.optimize import lsq_linear, minimize, minimize_scalar

from fathometer.network.layers.measuring._curve import LARGEST_TAU

_MOST_CHOICES = 200
_BEST = 4
_SAME = 1e-8
"""Share of the largest eigenvalue below which pulls in that direction are the same one."""
_TRIED = LARGEST_TAU * np.linspace(-1, 1, 121) ** 3
"""Steps of a single pull, close together near 0: a pull that is long compared to the token turns it at once."""


@dataclass(frozen=True, eq=False)
class TokenSample:
    """Some tokens of one text with their pulls, as far as a fit of the step of every pull asks for them.

    Attributes:
        along: <y, x>, shape (r,).
        toward: <y, v_h> of every pull, shape (r, h).
        products: <v_g, v_h>, shape (r, h, h).
    """

    along: Float[np.ndarray, " r"]
    toward: Float[np.ndarray, "r h"]
    products: Float[np.ndarray, "r h h"]

    @classmethod
    def of(
        cls, before: Float[np.ndarray, "r d"], after: Float[np.ndarray, "r d"], fields: Float[np.ndarray, "h r d"]
    ) -> "TokenSample":
        """Keep what a fit needs, in single precision.

        Args:
            before: unit tokens.
            after: where they end.
            fields: pulls, tangent at the tokens.
        """
        parts = (
            np.sum(before * after, axis=1),
            np.einsum("hrd,rd->rh", fields, after),
            np.einsum("grd,hrd->rgh", fields, fields),
        )
        return cls(*(part.astype(np.float32) for part in parts))

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.along.nbytes + self.toward.nbytes + self.products.nbytes

    @property
    def moved(self) -> float:
        """Sum of |y - x|^2."""
        return float(np.sum(2 - 2 * self.along.astype(np.float64)))

    def first(self, rows: int) -> "TokenSample":
        """The first of its tokens, as a copy; they are in random order."""
        return TokenSample(*(part[:rows].copy() for part in (self.along, self.toward, self.products)))

    def only(self, fields: Int[np.ndarray, " k"]) -> "TokenSample":
        """The same tokens with some of the pulls."""
        return TokenSample(self.along, self.toward[:, fields], self.products[:, fields][:, :, fields])

    def residual(self, taus: Float[np.ndarray, " h"]) -> float:
        """Sum of the squared chords from y to where steps of all pulls lead."""
        return _residual(_wide([self]), taus)[0]


Arrays = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def best_steps(samples: list[TokenSample], start: Float[np.ndarray, " h"]) -> Float[np.ndarray, " h"]:
    """One step for each pull that fits all tokens best by least squares on the sphere, each within [-3, 3].

    Args:
        samples: of every text.
        start: where the search starts; what it finds is not worse.
    """
    arrays = _wide(samples)
    bounds = [(-LARGEST_TAU, LARGEST_TAU)] * len(start)
    square, linear = np.sum(arrays[2], axis=0), np.sum(arrays[1], axis=0)
    free = np.clip(_tangent_steps(square, linear, np.inf), -LARGEST_TAU, LARGEST_TAU)
    found = [
        minimize(lambda taus: _residual(arrays, taus), guess, jac=True, method="L-BFGS-B", bounds=bounds)
        for guess in (start, free, _tangent_steps(square, linear))
    ]
    best = min(found, key=lambda each: each.fun)
    return best.x if best.fun < _residual(arrays, start)[0] else start


def best_step(samples: list[TokenSample]) -> float:
    """The one step in [-3, 3] of a single pull, of any length, that fits all tokens best.

    Args:
        samples: of every text, with one pull.
    """
    arrays = _wide(samples)

    def left(tau: float) -> float:
        return _residual(arrays, np.array([tau]))[0]

    near = int(np.argmin([left(tau) for tau in _TRIED]))
    ends = _TRIED[max(0, near - 1)], _TRIED[min(len(_TRIED) - 1, near + 1)]
    found: Any = minimize_scalar(left, bounds=ends, method="bounded", options={"xatol": 1e-6 * (ends[1] - ends[0])})
    return min((float(found.x), float(_TRIED[near])), key=left)


def chosen_fields(
    samples: list[TokenSample], count: int, first: int | None = None, limit: float = LARGEST_TAU
) -> list[tuple[int, ...]]:
    """The pulls that fit best together by least squares in the tangent spaces, where curvature does not count.

    All choices are compared if there are few, and the best of them returned; pulls are added one by one to a single
    choice if there are many.

    Args:
        samples: of every text.
        count: how many pulls, at most.
        first: a pull that is among them, and from which others are added one by one; None for none.
        limit: of each step, in both directions.
    """
    products = np.sum([np.sum(sample.products, axis=0, dtype=float) for sample in samples], axis=0)
    toward = np.sum([np.sum(sample.toward, axis=0, dtype=float) for sample in samples], axis=0)
    fields = range(len(toward))

    def gain(chosen: tuple[int, ...]) -> float:
        part = np.array(chosen)
        square, linear = products[np.ix_(part, part)], toward[part]
        steps = _tangent_steps(square, linear, limit)
        return float(2 * linear @ steps - steps @ square @ steps)

    if first is None and comb(len(fields), min(count, len(fields))) <= _MOST_CHOICES:
        return nlargest(_BEST, combinations(fields, min(count, len(fields))), key=gain)
    chosen = () if first is None else (first,)
    while len(chosen) < min(count, len(fields)):
        chosen = max(((*chosen, k) for k in fields if k not in chosen), key=gain)
    return [tuple(sorted(chosen))]


def _wide(samples: list[TokenSample]) -> Arrays:
    parts = (np.concatenate([getattr(s, name) for s in samples]) for name in ("along", "toward", "products"))
    along, toward, products = (part.astype(np.float64) for part in parts)
    return along, toward, products


def _tangent_steps(
    products: Float[np.ndarray, "h h"], toward: Float[np.ndarray, " h"], limit: float = LARGEST_TAU
) -> Float[np.ndarray, " h"]:
    """Least squares without the sphere's curvature, each step within the limit; pulls that are nearly one share it."""
    sizes, axes = np.linalg.eigh(products)
    kept = sizes > _SAME * max(sizes[-1], np.finfo(float).tiny)
    roots = np.sqrt(sizes[kept])
    return lsq_linear(roots[:, None] * axes[:, kept].T, axes[:, kept].T @ toward / roots, (-limit, limit)).x


def _residual(arrays: Arrays, taus: Float[np.ndarray, " h"]) -> tuple[float, NDArray[np.float64]]:
    """The sum of squared chords and its gradient."""
    along, toward, products = arrays
    bent = products @ taus
    norms = np.sqrt(1 + bent @ taus)
    reached = along + toward @ taus
    slope = -2 * (toward / norms[:, None] - bent * (reached / norms**3)[:, None])
    return float(np.sum(2 - 2 * reached / norms)), np.sum(slope, axis=0)
