"""Certificates for a linear classifier: one model, every certificate, one delta."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, split_indices
from fathometer.evidence import Estimate, Provenance
from fathometer.generalization._catalogue import evaluate_bound
from fathometer.generalization._delta import DeltaAccount, split_delta
from fathometer.generalization._ledger import Ledger, LedgerRow, measured_errors, measured_mean, ranked, winner
from fathometer.generalization._linear_model import Sample, fit_direction, read_binary, to_unit_ball
from fathometer.generalization.bounds.smoothing import best_gauss_width
from fathometer.numerics import wide

FRACTIONS = {"prior": 0.3, "certificate": 0.35, "held_out": 0.2, "test": 0.15}
"""Shares of the four parts. The test part serves only for the measured risks."""

STRENGTH = 10.0
STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)
POSTERIOR_SIGMAS = (0.01, 0.02, 0.05, 0.1, 0.2)
RADII = (0.125, 0.25, 0.5, 1.0, 2.0)
"""Grids fixed in advance; a row that chooses from one by looking at the certificate part divides its delta."""

BASE_RADIUS = 0.0625
SMALLEST_MARGIN = 0.01
MINIMUM_ROWS = 60

Weights = Float[np.ndarray, " d"]


@dataclass(frozen=True)
class _Model:
    """What the rows are made from: unit vectors w0 from the prior part and w from prior and certificate part."""

    certificate: Sample
    held_out: Sample
    test: Sample
    w0: Weights
    w: Weights
    candidates: tuple[Weights, ...]
    gamma: float

    @property
    def m(self) -> int:
        return len(self.certificate.y)

    @property
    def dim(self) -> int:
        return self.w.size

    @property
    def distance(self) -> float:
        """|w - w0|, rounded up."""
        return _upward(float(np.linalg.norm(self.w - self.w0)))

    @property
    def lipschitz(self) -> float:
        """Of the ramp loss in w, rounded up: 1 / gamma, as no input is longer than 1."""
        return _upward(1 / self.gamma)


def certify_linear(features: ArrayLike, labels: ArrayLike, *, delta: float = 0.05, seed: int = 0) -> Ledger:
    """Train a linear classifier and certify it in every way that applies, all certificates together under one delta.

    The rows are shuffled and split into four parts. The prior part fixes the scaling of the features, the margin gamma,
    the prior mean w0 and the candidates of `occam`; prior and certificate part train the model w; the certificate part
    is what the PAC-Bayes and the uniform bounds are evaluated on; the held-out part is for `test_binomial` alone; the
    test part is for the measured risks beside the certificates. Weights have norm 1. The ramp loss at margin gamma is
    at least the 0/1 loss, so that a bound on the ramp risk is one on the 0/1 risk.

    Args:
        features: shape (n, p), finite, n at least 60.
        labels: shape (n,), of exactly two kinds.
        delta: total failure probability, in (0, 1), split equally over the rows.
        seed: of the shuffle.

    Raises:
        InputError: if features are not a finite matrix with enough rows, labels are not of two kinds, delta is not in
            (0, 1), or the prior part holds one class only.
    """
    account = DeltaAccount(delta)
    x, y = read_binary(features, labels, MINIMUM_ROWS)
    split = split_indices(len(x), FRACTIONS, seed)
    model = _train(x, y, split)
    shares = account.split(len(_ROWS))
    rows = ranked([row(model, share) for row, share in zip(_ROWS, shares, strict=True)])
    return Ledger(
        rows=rows,
        winner=winner(rows),
        delta_total=account.total,
        delta_spent=account.spent,
        sizes=split.sizes,
        test_risk=_test_errors(model, model.w),
        notes=_NOTES,
        provenance=Provenance.here(seed, ("fathometer", "numpy", "scipy", "scikit-learn")),
    )


def _train(x: NDArray, y: NDArray, split: Split) -> _Model:
    split.require_disjoint(("prior",), ("certificate",))
    split.require_disjoint(("prior", "certificate"), ("held_out", "test"))
    scaled = to_unit_ball(x, x[split.part("prior")])
    prior, certificate, held_out, test, training = (
        Sample(scaled[rows], y[rows])
        for rows in (*(split.part(name) for name in FRACTIONS), split.union("prior", "certificate"))
    )
    candidates = tuple(fit_direction(prior, strength) for strength in STRENGTHS)
    w0 = candidates[STRENGTHS.index(STRENGTH)]
    gamma = max(float(np.median(prior.margins(w0))), SMALLEST_MARGIN)
    return _Model(certificate, held_out, test, w0, fit_direction(training, STRENGTH), candidates, gamma)


def _held_out(model: _Model, share: float) -> LedgerRow:
    errors = int(np.sum(model.held_out.errors(model.w)))
    inputs = {"errors": errors, "n": len(model.held_out.y), "delta": share}
    return _row("test_binomial", "0/1 risk of the model", inputs, share, _test_errors(model, model.w))


def _occam(model: _Model, share: float) -> LedgerRow:
    """The best of the candidates of the prior part, chosen by its errors on the certificate part."""
    losses = [model.certificate.errors(w) for w in model.candidates]
    best = int(np.argmin([np.sum(loss) for loss in losses]))
    inputs = {"risk": _mean(losses[best]), "hypotheses": len(losses), "m": model.m, "delta": share}
    certifies = f"0/1 risk of the best of {len(losses)} models trained on the prior part"
    return _row("occam", certifies, inputs, share, _test_errors(model, model.candidates[best]))


def _gibbs(model: _Model, share: float) -> LedgerRow:
    """Posterior N(w, s^2 I), prior N(w0, s^2 I), s from the grid."""

    def inputs(sigma: float, delta: float) -> dict[str, float]:
        risk = _mean(model.certificate.gibbs_errors(model.w, sigma))
        return {"risk": risk, "kl": _gauss_kl(model, sigma, sigma), "m": model.m, "delta": delta}

    sigma, best = _smallest("maurer_seeger", POSTERIOR_SIGMAS, inputs, share)
    measured = measured_mean(model.test.gibbs_errors(model.w, sigma))
    return _row("maurer_seeger", f"0/1 Gibbs risk of N(model, {sigma:g}^2 I)", best, share, measured)


def _route_a(model: _Model, share: float) -> LedgerRow:
    """One block, whose data-free predictor is w0."""
    risk = _mean(model.certificate.ramp_losses(model.w, model.gamma))
    return _row("w1_route_a", _RAMP, _transported(model, risk, share), share, _test_ramp(model))


def _transport(model: _Model, share: float) -> LedgerRow:
    risk = _mean(model.certificate.ramp_losses(model.w0, model.gamma))
    return _row("risk_transport", _RAMP, _transported(model, risk, share), share, _test_ramp(model))


def _transported(model: _Model, risk: float, share: float) -> dict[str, float]:
    return {"risk": risk, "lipschitz": model.lipschitz, "distance": model.distance, "m": model.m, "delta": share}


def _glm_local(model: _Model, share: float) -> LedgerRow:
    risk = _mean(model.certificate.ramp_losses(model.w, model.gamma))
    inputs = _transported(model, risk, share) | {"base_radius": BASE_RADIUS}
    return _row("w1_glm_local", _RAMP, inputs, share, _test_ramp(model))


def _smooth(model: _Model, share: float) -> LedgerRow:
    """The smallest ball of the grid around w0 that holds w."""
    radius = next(radius for radius in RADII if radius >= model.distance or radius == RADII[-1])
    inputs = _ball(model, radius, split_delta(share, len(RADII)))
    inputs["risk"] = _mean(model.certificate.ramp_losses(model.w, model.gamma))
    return _row("smooth_gauss", _RAMP, inputs, share, _test_ramp(model))


def _smooth_mean(model: _Model, share: float) -> LedgerRow:
    """Posterior and prior of `smooth_gauss` for each radius of the grid, with the posterior's own risk and KL."""

    def inputs(radius: float, delta: float) -> dict[str, float]:
        ball = _ball(model, radius, delta)
        sigma = float(best_gauss_width(**{name: wide(value) for name, value in ball.items()}))
        risk = _mean(model.certificate.gibbs_ramp_losses(model.w, sigma, model.gamma))
        kl = _gauss_kl(model, sigma, float(np.hypot(sigma, radius / np.sqrt(model.dim))))
        kept = {name: ball[name] for name in ("lipschitz", "dim", "m", "delta")}
        return {"risk": risk, "kl": kl, "sigma": sigma} | kept

    _, best = _smallest("smooth_mean", RADII, inputs, share)
    return _row("smooth_mean", _RAMP, best, share, _test_ramp(model))


def _ball(model: _Model, radius: float, delta: float) -> dict[str, float]:
    return {"lipschitz": model.lipschitz, "radius": radius, "dim": model.dim, "m": model.m, "delta": delta}


def _smallest(
    bound: str, grid: tuple[float, ...], inputs: Callable[[float, float], dict[str, float]], share: float
) -> tuple[float, dict[str, float]]:
    """The grid point with the smallest bound, each at its part of the delta."""
    delta = split_delta(share, len(grid))
    choices = {point: inputs(point, delta) for point in grid}
    best = min(grid, key=lambda point: _size(evaluate_bound(bound, **choices[point]).value))
    return best, choices[best]


def _size(value: float | None) -> float:
    return np.inf if value is None else value


def _row(bound: str, certifies: str, inputs: dict[str, float], share: float, measured: Estimate) -> LedgerRow:
    found = evaluate_bound(bound, **inputs)
    return LedgerRow(bound, certifies, found.value, found.vacuous, share, found.terms, inputs, measured)


def _test_errors(model: _Model, w: Weights) -> Estimate:
    return measured_errors(int(np.sum(model.test.errors(w))), len(model.test.y))


def _test_ramp(model: _Model) -> Estimate:
    return measured_mean(model.test.ramp_losses(model.w, model.gamma))


def _gauss_kl(model: _Model, sigma: float, prior_sigma: float) -> float:
    """KL(N(w, sigma^2 I) || N(w0, prior_sigma^2 I)), rounded up."""
    ratio = (sigma / prior_sigma) ** 2
    spread = model.dim / 2 * (ratio - 1 - np.log(ratio))
    return _upward(model.distance**2 / (2 * prior_sigma**2) + spread)


def _mean(losses: NDArray) -> float:
    """Mean of losses in [0, 1], rounded up."""
    return min(1.0, _upward(float(np.mean(losses))))


def _upward(value: float) -> float:
    """More than what rounding may have taken off a sum of float64 numbers; 0 stays 0."""
    return value * (1 + 1e-13)


_RAMP = "ramp risk, and so 0/1 risk, of the model"
_ROWS = (_held_out, _occam, _gibbs, _route_a, _transport, _glm_local, _smooth, _smooth_mean)
_NOTES = (
    "rows shuffled uniformly and split once; the certificates speak about rows drawn like these",
    "features centred and scaled by the prior part, then projected onto the unit ball, and given a bias",
    "margin gamma, prior mean and candidates come from the prior part alone",
)
