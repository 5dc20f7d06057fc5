"""What is reported of every site, with intervals over texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import Estimate, Record
from fathometer.network.layers._reducer import LayersReducer
from fathometer.network.layers.measuring._bootstrap import CONFIDENCE, less_than_one, mean, over_texts, ratio, resampled
from fathometer.network.layers.measuring._cloud import LIMITS, NUMBERS, energy
from fathometer.network.layers.measuring._curve import LARGEST_TAU, lowest
from fathometer.network.layers.measuring._rungs import Rung, RungFit, StepSums, fit_rungs

_SHARE, _SQUARED_CHORD = (-np.inf, 1.0), (0.0, 4.0)
"""What is possible: a share that is explained, and |y - x|^2 of unit tokens."""


@dataclass(frozen=True, eq=False)
class RungReport(Record):
    """How much of a block one rung of the ladder explains.

    Attributes:
        explained: 1 - sum |y - p|^2 / sum |y - x|^2 over tokens of all texts, with the fitted numbers held.
        betas: of its pulls; None where the network's own attention takes their place.
        taus: their steps.
        tokens: how many tokens it was fitted to.
    """

    explained: Estimate
    betas: tuple[float, ...] | None
    taus: tuple[float, ...]
    tokens: int


@dataclass(frozen=True, eq=False)
class StepReport(Record):
    """What a block does, and how far that is from the model.

    Attributes:
        moved: mean of |y - x|^2 over tokens.
        beta: inverse temperature that fits all texts best; NaN if no step explains anything.
        tau: length of the step, the time of the model that the block is worth; negative where tokens are repelled.
        explained: share of what the block does that the step explains; the interval is of texts drawn again, each
            time with a fit of their own.
        ladder: the same for what takes more of the network over, by rung.
    """

    moved: Estimate
    beta: Estimate
    tau: Estimate
    explained: Estimate
    ladder: Mapping[str, RungReport]


@dataclass(frozen=True, eq=False)
class SiteReport(Record):
    """The tokens at one place of a network.

    Attributes:
        site: its name.
        numbers: means over texts of the mean cosine, of quantiles of cosines, ranks and others, by name.
        unit_energy: mean over texts, at the inverse temperature of the report.
        step: the block that follows; None at the last site.
        histogram: shares of the pairs of different tokens by cosine, 100 equal bins of [-1, 1], mean over texts.
    """

    site: str
    numbers: Mapping[str, Estimate]
    unit_energy: Estimate
    step: StepReport | None
    histogram: tuple[float, ...]


def site_reports(reducer: LayersReducer, names: Sequence[str], beta: float) -> tuple[SiteReport, ...]:
    """Report every site.

    Args:
        reducer: has seen the texts.
        names: of the sites, one more than there are blocks.
        beta: inverse temperature of the energy.
    """
    return tuple(_site_report(reducer, number, name, beta) for number, name in enumerate(names))


def moments_of(reducer: LayersReducer) -> Float[np.ndarray, "texts sites degrees"]:
    """Moments of the cosines of every text at every site."""
    sites = [reducer.clouds[number] for number in range(reducer.depth + 1)]
    return np.stack([[clouds[text].moments for clouds in sites] for text in reducer.texts])


def common_beta(reducer: LayersReducer) -> float:
    """The one inverse temperature at which steps of the model explain the largest share of a block, in the mean.

    Every block has a step of its own. Blocks that move tokens far do not count for more than others.
    """
    left = np.zeros(len(reducer.betas))
    for steps in reducer.steps.values():
        texts = [steps[text] for text in reducer.texts]
        moved = sum(step.moved for step in texts)
        left += lowest(np.sum([step.curves for step in texts], axis=0)[:, None]).value / (moved or 1.0)
    return reducer.betas[int(np.argmin(left))]


def _site_report(reducer: LayersReducer, number: int, name: str, beta: float) -> SiteReport:
    clouds = [reducer.clouds[number][text] for text in reducer.texts]
    numbers = mean(np.stack([cloud.numbers for cloud in clouds]), LIMITS)
    energies = mean(energy(np.stack([cloud.moments for cloud in clouds]), beta), (0.0, 1.0))
    steps = reducer.steps.get(number)
    return SiteReport(
        name,
        {label: _entry(numbers, k) for k, label in enumerate(NUMBERS)},
        energies,
        None if steps is None else _step_report([steps[text] for text in reducer.texts], reducer.betas),
        tuple(map(float, np.mean([cloud.histogram for cloud in clouds], axis=0))),
    )


def _entry(estimate: Estimate, index: int) -> Estimate:
    value, lower, upper = (np.asarray(part)[index] for part in (estimate.value, estimate.lower, estimate.upper))
    return Estimate.sampled(value, lower, upper, CONFIDENCE)


def _step_report(steps: Sequence[StepSums], betas: Sequence[float]) -> StepReport:
    tokens, moved = np.array([step.tokens for step in steps], float), np.array([step.moved for step in steps])
    curves, counts = np.stack([step.curves for step in steps]), resampled(len(steps))
    whole, drawn = lowest(curves.sum(axis=0), tokens.sum()), lowest(np.tensordot(counts, curves, 1), counts @ tokens)
    known, texts = np.append(betas, np.nan), len(steps)
    with np.errstate(invalid="ignore", divide="ignore"):
        left, samples = whole.value / moved.sum(), drawn.value / (counts @ moved)
        explained = over_texts(1 - left, 1 - samples, texts, _SHARE)
    beta, tau = (
        _beta_over_texts(known[whole.row], known[drawn.row], texts),
        over_texts(whole.tau, drawn.tau, texts, (-LARGEST_TAU, LARGEST_TAU)),
    )
    one = RungReport(explained, _one(float(known[whole.row])), (float(whole.tau),), int(tokens.sum()))
    more = {str(rung): _rung_report(fit, _size(rung, steps)) for rung, fit in fit_rungs(steps, betas).items()}
    return StepReport(ratio(moved, tokens, _SQUARED_CHORD), beta, tau, explained, {str(Rung.ONE): one, **more})


def _one(beta: float) -> tuple[float, ...] | None:
    return None if np.isnan(beta) else (beta,)


def _beta_over_texts(value: float | NDArray[np.float64], drawn: Float[np.ndarray, " draws"], texts: int) -> Estimate:
    """Where nothing explains anything in some samples, any beta is as good."""
    if np.isnan(value) or np.all(np.isnan(drawn)):
        return Estimate.sampled(np.nan, -np.inf, np.inf, CONFIDENCE)
    return over_texts(value, np.where(np.isnan(drawn), value, drawn), texts, (0.0, np.inf))


def _rung_report(fit: RungFit, tokens: int) -> RungReport:
    return RungReport(less_than_one(ratio(fit.left, fit.moved, (0.0, np.inf))), fit.betas, fit.taus, tokens)


def _size(rung: Rung, steps: Sequence[StepSums]) -> int:
    sampled = {Rung.HEADS: "heads", Rung.PATTERN: "pattern", Rung.VALUES: "own"}[rung]
    return sum(len(getattr(step, sampled).along) for step in steps)
