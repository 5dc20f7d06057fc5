"""The ladder: which simplification of the model costs what.

ONE: one beta and tau. HEADS: a beta and a tau for each of as many heads as the network has. PATTERN: the network's own
attention instead of softmax(beta <x, x>), with a tau for each head. VALUES: its own values and output matrix, too, with
one tau: 1 is what its attention adds to a token, without the part along the token. The last two do not contain the
first two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.network.layers.measuring._curve import LARGEST_TAU, lowest
from fathometer.network.layers.measuring._field import pulls, tangent
from fathometer.network.layers.measuring._fields import TokenSample, best_step, best_steps, chosen_fields
from fathometer.network.layers.measuring._step import step_curves
from fathometer.network.recording._passage import Passage


class Rung(StrEnum):
    """What of the network a rung takes over."""

    ONE = "one"
    HEADS = "heads"
    PATTERN = "pattern"
    VALUES = "values"


@dataclass(frozen=True, eq=False)
class StepSums:
    """What is kept of one text on its way through one block.

    Attributes:
        tokens: how many.
        moved: sum of |y - x|^2.
        curves: residual curves of every beta.
        own: tokens with the pull of the network's own attention and values, or None.
        heads: tokens with the pulls of every beta, or None.
        pattern: tokens with the pulls by the attention of every head of the network, or None.
    """

    tokens: int
    moved: float
    curves: Float[np.ndarray, "betas nodes"]
    own: TokenSample | None
    heads: TokenSample | None
    pattern: TokenSample | None

    @property
    def sampled(self) -> int:
        """Bytes of the tokens that are kept."""
        return sum(sample.nbytes for sample in self._samples)

    @property
    def is_sampled(self) -> bool:
        """Whether only some of its tokens are kept for the fits above the first rung."""
        return any(len(sample.along) < self.tokens for sample in self._samples)

    def first(self, rows: int) -> "StepSums":
        """The same with fewer tokens."""
        heads, pattern, own = (part and part.first(rows) for part in (self.heads, self.pattern, self.own))
        return replace(self, heads=heads, pattern=pattern, own=own)

    @property
    def _samples(self) -> list[TokenSample]:
        return [sample for sample in (self.heads, self.pattern, self.own) if sample is not None]


def measure_step(
    x: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, "n d"],
    passage: Passage,
    betas: Sequence[float],
    *,
    sample: int,
    sources: Float[np.ndarray, "m d"] | None = None,
) -> StepSums:
    """Look at one step of one text.

    Args:
        x: its tokens before, unit.
        y: and after.
        passage: what it is the step of: its mask, attention and values are read.
        betas: inverse temperatures.
        sample: how many tokens are kept for the fits above the first rung, at most.
        sources: tokens that pull; x itself if None.
    """
    curves = step_curves(x, y, betas, sources=sources, causal=passage.causal)
    rows = np.random.default_rng([passage.text, passage.block]).permutation(len(x))[:sample]
    heads = own = pattern = None
    if passage.pattern is not None:
        heads = TokenSample.of(x[rows], y[rows], pulls(x, betas, rows, sources=sources, causal=passage.causal))
        pattern = TokenSample.of(x[rows], y[rows], _by_pattern(x, passage.pattern, rows))
    if passage.attended is not None:
        own = TokenSample.of(x[rows], y[rows], _by_values(x, passage)[None, rows])
    return StepSums(len(x), float(np.sum((x - y) ** 2)), curves, own, heads, pattern)


def _by_pattern(
    x: Float[np.ndarray, "n d"], pattern: NDArray[np.floating], rows: Int[np.ndarray, " r"]
) -> Float[np.ndarray, "heads r d"]:
    return tangent(x[rows], pattern[:, rows].astype(np.float64) @ x)


def _by_values(x: Float[np.ndarray, "n d"], passage: Passage) -> Float[np.ndarray, "n d"]:
    """What attention adds to the residual stream, in units of the token that it is added to."""
    lengths = np.linalg.norm(passage.before.astype(np.float64), axis=1, keepdims=True)
    return tangent(x, np.asarray(passage.attended, np.float64) / lengths)


@dataclass(frozen=True, eq=False)
class RungFit:
    """A rung, fitted to all texts at once.

    Attributes:
        betas: of its pulls; None where the network's own attention takes their place.
        taus: their steps.
        left: sum of the squared chords that remain, for every text.
        moved: sum of |y - x|^2 over the same tokens, for every text.
    """

    betas: tuple[float, ...] | None
    taus: tuple[float, ...]
    left: Float[np.ndarray, " texts"]
    moved: Float[np.ndarray, " texts"]


def fit_rungs(steps: Sequence[StepSums], betas: Sequence[float]) -> dict[Rung, RungFit]:
    """Fit all rungs above the first for which every text has what they ask for.

    Args:
        steps: of every text through one block.
        betas: inverse temperatures that were tried.
    """
    fits: dict[Rung, RungFit] = {}
    heads = [step.heads for step in steps if step.heads is not None]
    patterns = [step.pattern for step in steps if step.pattern is not None]
    if len(patterns) == len(heads) == len(steps):
        best = lowest(np.sum([step.curves for step in steps], axis=0))
        start = np.zeros(len(betas))
        start[best.row] = best.tau
        fits[Rung.HEADS] = _fit_heads(heads, start, betas, patterns[0].toward.shape[1])
        taus = best_steps(patterns, np.zeros(patterns[0].toward.shape[1]))
        fits[Rung.PATTERN] = _fit(patterns, taus, None)
    own = [step.own for step in steps if step.own is not None]
    if len(own) == len(steps):
        fits[Rung.VALUES] = _fit(own, np.array([best_step(own)]), None)
    return fits


def _fit_heads(
    samples: list[TokenSample], start: Float[np.ndarray, " betas"], betas: Sequence[float], heads: int
) -> RungFit:
    """As many inverse temperatures as there are heads: the best of some choices, one of them with the best alone."""
    alone = int(np.argmax(np.abs(start)))
    asked = ((None, LARGEST_TAU), (None, np.inf), (alone, np.inf))
    fits = []
    for kept in {kept for first, limit in asked for kept in chosen_fields(samples, heads, first, limit)}:
        some, fields = np.array(kept), [sample.only(np.array(kept)) for sample in samples]
        taus = best_steps(fields, start[some])
        fits.append(_fit(fields, taus, tuple(betas[k] for k in kept)))
    return min(fits, key=lambda fit: float(np.sum(fit.left)))


def _fit(samples: list[TokenSample], taus: Float[np.ndarray, " h"], betas: tuple[float, ...] | None) -> RungFit:
    left = np.array([sample.residual(taus) for sample in samples])
    return RungFit(betas, tuple(map(float, taus)), left, np.array([sample.moved for sample in samples]))
