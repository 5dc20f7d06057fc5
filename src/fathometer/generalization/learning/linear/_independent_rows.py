"""The rows of the linear ledger a second time: every number from the data, by formulas of this file's own."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from fathometer.evidence import Estimate
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear._model import Sample
from fathometer.generalization.learning.linear._training import TrainedLinear
from fathometer.generalization.ledger import _independent_bounds as independent
from fathometer.generalization.ledger._ledger import LedgerRow

CANDIDATES = 6
HELD_OUT_SHARE = 8 / 10
POSTERIOR_SIGMAS = (0.01, 0.02, 0.05, 0.1, 0.2)
RADII = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0)
OUTPUT_SIGMAS = (0.003, 0.01, 0.02, 0.03, 0.05, 0.1)
THRESHOLDS = (1 / 2, 1.0, 3 / 2, 2.0, 5 / 2)
BASE_RADIUS = 1 / 16
"""What the method says, written down a second time."""

GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "test_binomial": {},
    "occam": {"candidate": tuple(range(CANDIDATES))},
    "maurer_seeger": {"sigma": POSTERIOR_SIGMAS},
    "w1_route_a": {},
    "risk_transport": {},
    "w1_glm_local": {},
    "rademacher_linear": {"radius": RADII},
    "covering": {"radius": RADII},
    "smooth_gauss": {"radius": RADII},
    "smooth_mean": {"radius": RADII},
    "chain_gauss": {"radius": RADII},
    "output_conversion": {"sigma": OUTPUT_SIGMAS, "threshold": THRESHOLDS},
}
"""The bounds of a ledger, and the grids from which each may choose."""

_Part = tuple[dict[str, float], Estimate]


@dataclass(frozen=True)
class IndependentRows:
    """Recomputes rows for a trained classifier: four fifths of delta for one bound, equal shares for the others."""

    model: TrainedLinear
    delta: float

    def row(self, bound: str, choice: dict[str, float]) -> LedgerRow:
        """Recompute one row for a choice that is in the grids; that of `occam` is made again, for ties."""
        choice = {"candidate": self._fewest_errors()} if bound == "occam" else choice
        others = (1 - HELD_OUT_SHARE) / (len(GRIDS) - 1)
        return self.row_at(bound, choice, self.delta * (HELD_OUT_SHARE if bound == "test_binomial" else others))

    def row_at(self, bound: str, choice: dict[str, float], share: float) -> LedgerRow:
        """The same at another share of delta.

        Args:
            bound: id in the catalogue.
            choice: from the grids of the bound.
            share: of delta, in (0, 1), for this row.
        """
        inputs, measured = self._parts(bound, choice, share)
        value = float(independent.evaluate(bound, inputs))
        terms = evaluate_bound(bound, **inputs).terms
        certifies = _certifies(bound, choice)
        return LedgerRow(bound, certifies, value, value >= 1, share, terms, inputs, measured, choice)

    def test_risk(self) -> Estimate:
        """Error rate of the model on the test part."""
        return independent.error_rate(_errors(self.model.test, self.model.w))

    def _parts(self, bound: str, choice: dict[str, float], share: float) -> _Part:
        match bound:
            case "test_binomial":
                errors = _errors(self.model.held_out, self.model.w)
                return {"errors": int(errors.sum()), "n": errors.size, "delta": share}, self.test_risk()
            case "occam":
                return self._occam(int(choice["candidate"]), share)
            case "maurer_seeger":
                return self._gibbs(choice["sigma"], share / len(POSTERIOR_SIGMAS))
            case "smooth_mean":
                return self._smooth_mean(choice["radius"], share / len(RADII))
            case "rademacher_linear" | "covering" | "smooth_gauss" | "chain_gauss":
                return self._in_ball(bound, choice["radius"], share / len(RADII))
            case "output_conversion":
                return self._output(choice["sigma"], choice["threshold"], share)
        return self._transport(bound, share)

    def _fewest_errors(self) -> int:
        """The first of the candidates with the fewest errors on the certificate part."""
        errors = [_errors(self.model.certificate, w).sum() for w in self.model.candidates]
        return errors.index(min(errors))

    def _occam(self, candidate: int, share: float) -> _Part:
        w = self.model.candidates[candidate]
        risk = float(_errors(self.model.certificate, w).mean())
        inputs = {"risk": risk, "hypotheses": CANDIDATES, "m": self.model.m, "delta": share}
        return inputs, independent.error_rate(_errors(self.model.test, w))

    def _gibbs(self, sigma: float, share: float) -> _Part:
        risk, measured = (_gibbs(part, self.model.w, sigma) for part in (self.model.certificate, self.model.test))
        kl = _square(self.model.w - self.model.w0) / (2 * sigma**2)
        return {"risk": float(risk.mean()), "kl": kl, "m": self.model.m, "delta": share}, independent.mean_loss(
            measured
        )

    def _transport(self, bound: str, share: float) -> _Part:
        w = self.model.w0 if bound == "risk_transport" else self.model.w
        distance = np.sqrt(_square(self.model.w - self.model.w0))
        inputs = {"risk": self._ramp_risk(w), "lipschitz": 1 / self.model.gamma, "distance": distance}
        more = {"base_radius": BASE_RADIUS} if bound == "w1_glm_local" else {}
        return inputs | {"m": self.model.m, "delta": share} | more, self._test_ramp()

    def _in_ball(self, bound: str, radius: float, share: float) -> _Part:
        inputs = self._common(share) | {"radius": radius, "risk": self._ramp_risk(self.model.w)}
        left_out = {"dim"} if bound == "rademacher_linear" else set()
        return {name: value for name, value in inputs.items() if name not in left_out}, self._test_ramp()

    def _smooth_mean(self, radius: float, share: float) -> _Part:
        common = self._common(share)
        sigma = independent.gauss_width(radius=radius, **common)
        variance = sigma**2 + radius**2 / self.model.dim
        spread = sigma**2 / variance - 1 - np.log(sigma**2 / variance)
        kl = _square(self.model.w - self.model.w0) / (2 * variance) + self.model.dim / 2 * spread
        risk = float(_gibbs_ramp(self.model.certificate, self.model.w, sigma, self.model.gamma).mean())
        return common | {"risk": risk, "kl": kl, "sigma": sigma}, self._test_ramp()

    def _output(self, sigma: float, threshold: float, share: float) -> _Part:
        """The margins, divided by the lengths of their rows, are Gaussian of standard deviation sigma."""
        part = self.model.certificate
        margins = part.x @ self.model.w * part.y / np.sqrt(np.sum(part.x**2, axis=1))
        risk = float(np.mean(_below(sigma * threshold, margins, np.full(len(margins), sigma))))
        kl = _square(self.model.w - self.model.w0) / (2 * sigma**2)
        settings = len(OUTPUT_SIGMAS) * len(THRESHOLDS)
        inputs = {"risk": risk, "kl": kl, "threshold": threshold, "hypotheses": settings}
        return inputs | {"m": self.model.m, "delta": share}, self.test_risk()

    def _common(self, share: float) -> dict[str, Any]:
        return {"lipschitz": 1 / self.model.gamma, "dim": self.model.dim, "m": self.model.m, "delta": share}

    def _ramp_risk(self, w: NDArray) -> float:
        return float(_ramp(self.model.certificate, w, self.model.gamma).mean())

    def _test_ramp(self) -> Estimate:
        return independent.mean_loss(_ramp(self.model.test, self.model.w, self.model.gamma))


def _certifies(bound: str, choice: dict[str, float]) -> str:
    """Which predictor and which risk a row speaks about."""
    return {
        "test_binomial": "0/1 risk of the model",
        "output_conversion": "0/1 risk of the model",
        "occam": f"0/1 risk of the best of {CANDIDATES} models trained on the prior part",
        "maurer_seeger": f"randomised: 0/1 risk of N(model, {choice.get('sigma', 0):g}^2 I)",
    }.get(bound, "ramp risk, and so 0/1 risk, of the model")


def _errors(part: Sample, w: NDArray) -> NDArray[np.float64]:
    return np.where(part.x @ w * part.y > 0, 0.0, 1.0)


def _ramp(part: Sample, w: NDArray, gamma: float) -> NDArray[np.float64]:
    return np.maximum(0, np.minimum(1, (gamma - part.x @ w * part.y) / gamma))


def _gibbs(part: Sample, w: NDArray, sigma: float) -> NDArray[np.float64]:
    return _below(0, part.x @ w * part.y, sigma * np.sqrt(np.sum(part.x**2, axis=1)))


def _gibbs_ramp(part: Sample, w: NDArray, sigma: float, gamma: float) -> NDArray[np.float64]:
    """P(M <= 0) + E (1 - M/gamma) 1{0 < M < gamma} for a Gaussian margin M."""
    mean, spread = part.x @ w * part.y, sigma * np.sqrt(np.sum(part.x**2, axis=1))
    inside = _below(gamma, mean, spread) - _below(0, mean, spread)
    density = [spread / np.sqrt(2 * np.pi) * np.exp(-(((t - mean) / spread) ** 2) / 2) for t in (0, gamma)]
    return _below(0, mean, spread) + inside - (mean * inside + density[0] - density[1]) / gamma


def _below(t: float, mean: NDArray, spread: NDArray) -> NDArray[np.float64]:
    """P(N(mean, spread^2) <= t)."""
    return erfc((mean - t) / (spread * np.sqrt(2))) / 2


def _square(v: NDArray) -> float:
    return float(np.sum(v**2))
