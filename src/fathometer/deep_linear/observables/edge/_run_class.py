"""Of which class a run is: like the flow, at the edge, a catapult, periodic, chaotic, diverged, or not clear."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import MINIMIZER_TOLERANCE
from fathometer.deep_linear.observables.edge._history import RunHistory
from fathometer.evidence import Estimate, Record

LONGEST_PERIOD = 64
_HOVERS, _MOST = 0.05, 0.9  # of the limit, and the share of looks that are so near
_RETURNS = 1e-3  # of the amplitude, over the whole tail
_ROUNDING = 1e-9
_LIVES = 1e-6  # amplitude of an oscillation over the size of what oscillates


class RunClass(StrEnum):
    """Classes of runs; the words are those of the edge of stability."""

    FLOW_LIKE = "flow-like"
    EDGE = "edge"
    CATAPULT = "catapult"
    PERIODIC = "periodic"
    CHAOTIC = "chaotic"
    DIVERGED = "diverged"
    UNCLEAR = "unclear"


@dataclass(frozen=True, eq=False)
class Tail(Record):
    """Plain descent after the end of a run, step by step.

    Attributes:
        mark: a fixed random combination of the weights, shape (K,).
        excess_risk: shape (K,).
        log_growth: of a tangent vector in each step, shape (K - 1,): their mean is the largest Lyapunov exponent.
    """

    mark: NDArray[np.float64]
    excess_risk: NDArray[np.float64]
    log_growth: NDArray[np.float64]

    @property
    def diverges(self) -> bool:
        """Whether it leaves every bound."""
        return not bool(np.all(np.isfinite(self.excess_risk)))

    @property
    def amplitude(self) -> float:
        """Half the range of the mark in the second half."""
        return float(np.ptp(self.mark[len(self.mark) // 2 :])) / 2

    @property
    def lyapunov(self) -> Estimate:
        """Largest Lyapunov exponent per step: the mean of 12 blocks after the first quarter, at 99 percent."""
        settled = self.log_growth[len(self.log_growth) // 4 :]
        length = len(settled) // 12
        return Estimate.mean_of(settled[: 12 * length].reshape(12, length).mean(axis=1), 0.99)

    @property
    def resolution(self) -> float:
        """log(K) / K: what growth like a power, along symmetries, looks like in K steps."""
        count = len(self.log_growth)
        return math.log(count) / count

    @property
    def period(self) -> int | None:
        """Smallest p <= 64 with which the second half returns, to 1e-3 of its amplitude; None if there is none."""
        late = self.mark[len(self.mark) // 2 :]
        if self.diverges or not self.amplitude > _LIVES * float(np.max(np.abs(late))):
            return None
        periods = range(1, min(LONGEST_PERIOD, len(late) // 4) + 1)
        return next((p for p in periods if _returns(late, p, _RETURNS * self.amplitude)), None)


@dataclass(frozen=True, eq=False)
class Classified(Record):
    """The class of a run and the numbers behind it.

    Attributes:
        name: the class.
        reason: one sentence.
        limit: largest stable sharpness.
        ratio: centre sharpness over it, at the looks, shape (T,).
        rises: how often the loss went above its smallest value so far, among the looks.
        period: of the tail; None if it has none or was not followed.
        lyapunov: largest Lyapunov exponent per step of the tail; unknown if it was not followed.
    """

    name: RunClass
    reason: str
    limit: float
    ratio: NDArray[np.float64]
    rises: int
    period: int | None
    lyapunov: Estimate

    def to_json(self) -> dict[str, Any]:
        """The class as JSON values."""
        known = self.ratio[np.isfinite(self.ratio)]
        ends = {name: float(of) for name, of in _ends(known)}
        return {
            "name": str(self.name),
            "reason": self.reason,
            "stable_sharpness": self.limit if math.isfinite(self.limit) else None,
            "sharpness_over_stable": ends or None,
            "rises": self.rises,
            "period": self.period,
            "lyapunov": self.lyapunov.to_json(),
        }


def _ends(known: NDArray[np.float64]) -> list[tuple[str, float]]:
    return [("smallest", known.min()), ("largest", known.max()), ("last", known[-1])] if known.size else []


def needs_tail(history: RunHistory) -> bool:
    """Whether what comes after the end can tell the class: the run was beyond its limit once and has not converged."""
    return not _below(history) and not _converged(history) and bool(np.all(np.isfinite(history.excess_risk)))


def run_class(history: RunHistory, tail: Tail | None = None) -> Classified:
    """Tell the class of a run of descent.

    Diverged: the risk passed every bound. Flow-like: S below its limit at every look, and the loss of plain descent
    never rose. Chaotic: the Lyapunov exponent of the tail is positive, its whole interval above log(K) / K. Periodic:
    the tail returns after 2 to 64 steps. Catapult: beyond the limit once, one rise of the loss, then S below the limit
    and converged. Edge: S of the centre within 5 percent of the limit in nine of ten looks of the second half. Unclear:
    none of these.

    Args:
        history: the run at the steps that were looked at.
        tail: descent after its end; None if it was not followed.
    """
    ratio = np.asarray(history.centre_sharpness.value) / history.limit
    name, reason = _told(history, tail, ratio)
    period = None if tail is None else tail.period
    lyapunov = Estimate.exact(math.nan) if tail is None or tail.diverges else tail.lyapunov
    return Classified(name, reason, history.limit, ratio, _rises(history.excess_risk), period, lyapunov)


def _told(history: RunHistory, tail: Tail | None, ratio: NDArray[np.float64]) -> tuple[RunClass, str]:
    if not np.all(np.isfinite(history.excess_risk)):
        return RunClass.DIVERGED, "the risk passed every bound"
    if _below(history):
        return RunClass.FLOW_LIKE, f"the sharpness stayed below {history.limit:.6g}"
    if tail is not None and (told := _told_by_tail(tail)):
        return told
    if _is_catapult(history, ratio):
        return RunClass.CATAPULT, "the loss rose once, the sharpness fell below its limit, and the run converged"
    late = ratio[len(ratio) // 2 :]
    near = float(np.mean(np.abs(late - 1) <= _HOVERS))
    if near >= _MOST:
        return RunClass.EDGE, f"the sharpness hovered within {_HOVERS:.0%} of {history.limit:.6g}"
    after = "; it diverges after its end" if tail is not None and tail.diverges else ""
    return RunClass.UNCLEAR, f"the sharpness was within {_HOVERS:.0%} of its limit in {near:.0%} of the looks{after}"


def _told_by_tail(tail: Tail) -> tuple[RunClass, str] | None:
    if tail.diverges:
        return None
    count = len(tail.log_growth)
    if tail.lyapunov.lower > tail.resolution and tail.amplitude > 0:
        return RunClass.CHAOTIC, f"a small change grows by exp({tail.lyapunov.value:.3g}) per step, over {count} steps"
    if tail.period is not None and tail.period > 1:
        return RunClass.PERIODIC, f"it returns after {tail.period} steps, over {count} steps"
    return None


def _below(history: RunHistory) -> bool:
    """Whether the sharpness was below its limit at every look, and the loss of plain descent never rose."""
    below = bool(np.all(np.asarray(history.sharpness.upper) < history.limit))
    return below and not (history.plain and _rises(history.excess_risk))


def _converged(history: RunHistory) -> bool:
    return bool(history.excess_risk[-1] <= MINIMIZER_TOLERANCE * history.explained)


def _is_catapult(history: RunHistory, ratio: NDArray[np.float64]) -> bool:
    beyond = bool(np.any(np.asarray(history.sharpness.lower) > history.limit))
    return beyond and _converged(history) and ratio[-1] < 1 - _HOVERS and _rises(history.excess_risk) == 1


def _rises(risk: NDArray[np.float64]) -> int:
    """How often the risk goes above its smallest value so far, beyond rounding of the largest."""
    known = risk[np.isfinite(risk)]
    if not known.size:
        return 0
    above = known > np.minimum.accumulate(known) * (1 + _ROUNDING) + 1e-15 * known.max()
    return int(np.sum(np.diff(np.append(False, above).astype(int)) == 1))


def _returns(values: NDArray[np.float64], period: int, room: float) -> bool:
    """Whether the values repeat with a period: every step of it, and from the first to the last."""
    whole = values[: len(values) // period * period].reshape(-1, period)
    return bool(np.all(np.ptp(whole, axis=0) <= room))
