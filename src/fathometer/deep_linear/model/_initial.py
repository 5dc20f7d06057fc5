"""Where training starts: the initial weights of the paper, and balanced, spectral and deterministic ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from fathometer.deep_linear.model._network import Weights, hidden_widths, outer
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, Record, finite_number, whole_number


class InitialKind(StrEnum):
    """How initial weights are made.

    GAUSSIAN: entries scale N(0, 1). RESIDUAL: W_k = I + scale / sqrt(d L) N with entries of N from N(0, 1); the network
    must have a readout. BALANCED: rank-one layers scale u_k u_{k-1}^T of random unit vectors, which meet. SPECTRAL:
    the same with u_0 along w_star. COSINE: W_k[i, j] = scale cos(1 + i + 2j + 3k), i and j from 0 and k from 1.
    """

    GAUSSIAN = "gaussian"
    RESIDUAL = "residual"
    BALANCED = "balanced"
    SPECTRAL = "spectral"
    COSINE = "cosine"


@dataclass(frozen=True, eq=False)
class Initial(Record):
    """A distribution of initial weights.

    Attributes:
        kind: how they are made.
        scale: at least 0, and above 0 for balanced and spectral ones.

    Raises:
        InputError: if the scale is out of range.
    """

    kind: InitialKind
    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", InitialKind(self.kind))
        object.__setattr__(self, "scale", finite_number("scale", self.scale, at_least=0))
        if self.scale == 0 and self.kind in (InitialKind.BALANCED, InitialKind.SPECTRAL):
            raise InputError(f"scale must be > 0 for {self.kind} weights, got 0")

    @classmethod
    def parse(cls, text: str) -> "Initial":
        """Read KIND:SCALE, such as gaussian:0.3.

        Raises:
            InputError: if the text has another form.
        """
        kind, colon, scale = text.partition(":")
        if not colon:
            raise InputError(f"init must be KIND:SCALE such as gaussian:0.3, got {text!r}")
        if kind not in list(InitialKind):
            raise InputError(f"init must be one of {', '.join(InitialKind)}, got {kind!r}")
        return cls(InitialKind(kind), finite_number("scale", scale))

    def __str__(self) -> str:
        return f"{self.kind}:{self.scale:g}"

    def draw(self, problem: DeepLinear, widths: int | Sequence[int], count: int, seed: int | Sequence[int]) -> Weights:
        """Draw initial weights.

        Args:
            problem: the network.
            widths: hidden widths, one number for all or L - 1 numbers; d for residual weights.
            count: how many, at least 1.
            seed: of the random numbers, one or several integers.

        Returns:
            W_k of shape (count, d_k, d_{k-1}).

        Raises:
            InputError: if a number is out of range or the kind does not fit the network.
        """
        sizes = [problem.regression.dimension, *hidden_widths(problem, widths), problem.output.size]
        shapes = [(whole_number("count", count, at_least=1), rows, columns) for columns, rows in pairwise(sizes)]
        generator = np.random.default_rng(seed)
        with np.errstate(over="ignore"):  # weights that are too large are infinite, and refused by whoever takes them
            return self._drawn(problem, sizes, shapes, generator)

    def _drawn(
        self,
        problem: DeepLinear,
        sizes: Sequence[int],
        shapes: Sequence[tuple[int, ...]],
        generator: np.random.Generator,
    ) -> Weights:
        match self.kind:
            case InitialKind.GAUSSIAN:
                return tuple(self.scale * generator.standard_normal(shape) for shape in shapes)
            case InitialKind.RESIDUAL:
                return self._residual(problem, shapes, generator)
            case InitialKind.COSINE:
                return tuple(self.scale * _cosines(shape, k) for k, shape in enumerate(shapes, start=1))
        return self._aligned(problem, sizes, shapes[0][0], generator)

    def _residual(
        self, problem: DeepLinear, shapes: Sequence[tuple[int, ...]], generator: np.random.Generator
    ) -> Weights:
        """Identity matrices plus Gaussian noise.

        Raises:
            InputError: if the network has no readout or another width.
        """
        if problem.readout is None:
            raise InputError("residual weights need a network with a readout")
        d = problem.regression.dimension
        if any(shape[1:] != (d, d) for shape in shapes):
            raise InputError(f"residual weights need all widths equal to the {d} inputs")
        size = self.scale / math.sqrt(d * problem.depth)
        return tuple(np.eye(d) + size * generator.standard_normal(shape) for shape in shapes)

    def _aligned(
        self, problem: DeepLinear, sizes: Sequence[int], count: int, generator: np.random.Generator
    ) -> Weights:
        """Rank-one layers between unit vectors; the last one is p / |p|.

        Raises:
            InputError: if spectral weights are asked for a w_star that is zero.
        """
        vectors = [_unit(generator.standard_normal((count, size))) for size in sizes[:-1]]
        if self.kind is InitialKind.SPECTRAL:
            if problem.regression.norm == 0:
                raise InputError("spectral weights need a w_star that is not zero")
            vectors[0] = np.tile(problem.regression.direction, (count, 1))
        vectors.append(np.tile(_unit(problem.output), (count, 1)))
        return tuple(self.scale * outer(after, before) for before, after in pairwise(vectors))


def _unit(vectors: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch d"]:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _cosines(shape: tuple[int, ...], k: int) -> Float[np.ndarray, "count rows columns"]:
    i, j = np.arange(shape[1])[:, None], np.arange(shape[2])[None]
    return np.tile(np.cos(1 + i + 2 * j + 3 * k), (shape[0], 1, 1))
