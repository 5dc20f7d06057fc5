"""Bounds of the catalogue in one setting, taken apart into what the rows, the complexity and delta cost."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization import bound, evaluate_bound
from fathometer.generalization.ledger._certified_risk import INDEPENDENT, CertifiedRisk

POINTS = 41
NEEDED_BY = "maurer_seeger"
"""The bound whose rows are counted."""

_THRESHOLD, _CATONI = 1.0, 1.0
_MOST = 10**12


@dataclass(frozen=True)
class Setting:
    """What a certificate is made from.

    Attributes:
        delta: probability with which a bound may fail.
        m: rows that certify.
        risk: share of them on which the predictor errs.
        kl: KL(posterior || prior) in nats.
        norm: distance of the predictor from the centre that was fixed in advance.
        margin: of the ramp loss, whose Lipschitz constant is 1/margin.
        dim: number of parameters.
        candidates: among which the rows chose.
    """

    delta: float
    m: Any
    risk: float
    kl: float
    norm: float
    margin: float
    dim: int
    candidates: int

    @property
    def errors(self) -> Any:
        """Number of errors among the rows."""
        return np.round(self.risk * self.m)

    @property
    def share(self) -> Any:
        """Share of errors that so many rows can have."""
        return self.errors / self.m


Inputs = Callable[[Setting], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """A bound of the catalogue in a setting.

    Attributes:
        bound: its id.
        inputs: its numbers by key, delta left out.
        free: those of them that are other where nothing is paid for complexity.
        pays: what the complexity is.
    """

    bound: str
    inputs: Inputs
    free: Mapping[str, float]
    pays: str


def _held_out(setting: Setting) -> dict[str, Any]:
    return {"errors": setting.errors, "n": setting.m}


def _chosen(setting: Setting) -> dict[str, Any]:
    return {**_held_out(setting), "weight": 1 / setting.candidates}


def _gibbs(setting: Setting) -> dict[str, Any]:
    return {"risk": setting.share, "m": setting.m, "kl": setting.kl}


def _catoni(setting: Setting) -> dict[str, Any]:
    return {**_gibbs(setting), "C": _CATONI}


def _output(setting: Setting) -> dict[str, Any]:
    return {**_gibbs(setting), "threshold": _THRESHOLD, "hypotheses": setting.candidates}


def _lipschitz(setting: Setting) -> dict[str, Any]:
    return {"risk": setting.share, "m": setting.m, "lipschitz": 1 / setting.margin}


def _transport(setting: Setting) -> dict[str, Any]:
    return {**_lipschitz(setting), "distance": setting.norm}


def _ball(setting: Setting) -> dict[str, Any]:
    return {**_lipschitz(setting), "radius": setting.norm}


def _parameters(setting: Setting) -> dict[str, Any]:
    return {**_ball(setting), "dim": setting.dim}


ROWS = (
    Row("test_binomial", _held_out, {}, "nothing: one predictor, fixed in advance"),
    Row("occam_binomial", _chosen, {"weight": 1.0}, "candidates"),
    Row("catoni", _catoni, {"kl": 0.0}, "KL"),
    Row("maurer_seeger", _gibbs, {"kl": 0.0}, "KL"),
    Row("mcallester", _gibbs, {"kl": 0.0}, "KL"),
    Row("output_conversion", _output, {"kl": 0.0, "hypotheses": 1.0}, "KL and candidates"),
    Row("risk_transport", _transport, {"distance": 0.0}, "norm / margin"),
    Row("rademacher_linear", _ball, {"lipschitz": 0.0}, "norm / margin"),
    Row("smooth_gauss", _parameters, {"lipschitz": 0.0}, "norm / margin and parameters"),
    Row("covering", _parameters, {"lipschitz": 0.0}, "norm / margin and parameters"),
)


def evaluated(setting: Setting, cheat: bool = False) -> list[dict[str, Any]]:
    """Evaluate every row, and take it apart by the bound itself.

    The confidence term is what the bound adds to the empirical risk where nothing is paid for complexity (KL,
    distance or Lipschitz constant 0, one candidate); the complexity term is what it adds to that.

    Args:
        setting: numbers of one certificate.
        cheat: whether prior, centre or candidate were chosen by the rows that certify, and nothing is paid for it.
    """
    return [_row(row, setting, cheat) for row in ROWS]


def _row(row: Row, setting: Setting, cheat: bool) -> dict[str, Any]:
    inputs = dict(row.inputs(setting))
    free = evaluate_bound(row.bound, delta=setting.delta, **{**inputs, **row.free})
    value = free if cheat else evaluate_bound(row.bound, delta=setting.delta, **inputs)
    check = INDEPENDENT.check(CertifiedRisk(row.bound, inputs, setting.delta, independent=not cheat))
    stated = bound(row.bound)
    least, most = _or_top(free.value), _or_top(value.value)
    return {
        "bound": row.bound,
        "title": stated.title,
        "certifies": str(stated.certifies),
        "pays": row.pays,
        "value": value.value,
        "vacuous": value.vacuous,
        "empirical": float(setting.share),
        "confidence": max(0.0, least - float(setting.share)),
        "complexity": max(0.0, most - least),
        "terms": dict(value.terms),
        "said": value.explanation,
        "independent": {"answer": str(check.answer), "said": check.explanation},
    }


def _or_top(value: float | None) -> float:
    return 1.0 if value is None else value


def along_rows(setting: Setting) -> dict[str, NDArray[np.float64]]:
    """Every bound at numbers of rows from 20 to 10 million, at the same share of errors, never rounded down.

    Args:
        setting: the other numbers.
    """
    sizes = np.unique(np.round(np.geomspace(20, 1e7, POINTS)))
    at = replace(setting, m=sizes)
    curves = {row.bound: _up(CertifiedRisk(row.bound, dict(row.inputs(at)), setting.delta).values()) for row in ROWS}
    return {"m": sizes, **curves}


def _up(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """As float32, in which arrays travel, not below the values."""
    small = values.astype(np.float32)
    return np.where(small < values, np.nextafter(small, np.float32(np.inf)), small).astype(np.float64)


def rows_needed(setting: Setting, goal: float) -> int | None:
    """The number of rows from which on the Maurer-Seeger bound is below a goal, at this empirical risk; None if none.

    Args:
        setting: the other numbers.
        goal: such as the risk of the majority class.
    """

    def below(m: int) -> bool:
        inputs = {"risk": setting.risk, "kl": setting.kl, "m": m}
        value = evaluate_bound(NEEDED_BY, delta=setting.delta, **inputs).value
        return value is not None and value < goal

    low, high = 0, 8
    while high < _MOST and not below(high):
        low, high = high, 2 * high
    if not below(high):
        return None
    while high - low > 1:
        middle = math.floor((low + high) / 2)
        low, high = (low, middle) if below(middle) else (middle, high)
    return high
