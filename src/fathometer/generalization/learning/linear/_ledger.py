"""Certificates for a linear classifier: one model, every certificate, one delta."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Estimate, Provenance
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import DeltaAccount, split_delta
from fathometer.generalization.bounds.smoothing import best_gauss_width
from fathometer.generalization.learning.linear._training import STRENGTHS, TrainedLinear, Weights, upward
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow, measured_errors, measured_mean, ranked, winner
from fathometer.generalization.ledger._parts_alike import PartsAlike
from fathometer.numerics import wide

POSTERIOR_SIGMAS = (0.01, 0.02, 0.05, 0.1, 0.2)
RADII = (0.125, 0.25, 0.5, 1.0, 2.0)
OUTPUT_SIGMAS = (0.003, 0.01, 0.02, 0.03, 0.05, 0.1)
THRESHOLDS = (0.5, 1.0, 1.5, 2.0, 2.5)
"""Grids fixed in advance; a row that chooses from one by looking at the certificate part divides its delta."""

BASE_RADIUS = 0.0625

HELD_OUT_SHARE = 0.8
"""Of delta, for `test_binomial`; the other rows share the rest."""


def linear_ledger(
    model: TrainedLinear, delta: float, seed: int, notes: tuple[str, ...], alike: PartsAlike | None
) -> Ledger:
    """Evaluate every certificate of a trained classifier.

    Args:
        model: with its samples.
        delta: total failure probability, in (0, 1): `HELD_OUT_SHARE` of it for `test_binomial`, the rest for others.
        seed: of the split, for the record.
        notes: how the parts came about.
        alike: whether they are.

    Raises:
        InputError: if delta is not in (0, 1).
    """
    account = DeltaAccount(delta)
    shares = {"test_binomial": account.spend(HELD_OUT_SHARE * delta)}
    others = [name for name in ROWS if name not in shares]
    shares |= dict(zip(others, account.split(len(others)), strict=True))
    rows = ranked(linear_rows(model, shares))
    return Ledger(
        rows=rows,
        winner=winner(rows),
        delta_total=account.total,
        delta_spent=account.spent,
        sizes=model.sizes,
        test_risk=_test_errors(model, model.w),
        notes=notes + NOTES,
        provenance=Provenance.here(seed, ("fathometer", "numpy", "scipy", "scikit-learn")),
        alike=alike,
    )


def linear_rows(model: TrainedLinear, shares: Mapping[str, float]) -> list[LedgerRow]:
    """Certificates of a linear classifier; those named hold together with probability at least 1 minus their sum.

    Args:
        model: with its samples; see `given_linear` for a classifier that was trained elsewhere.
        shares: part of delta, in (0, 1), of each bound of `ROWS` that is wanted.
    """
    return [ROWS[name](model, share) for name, share in shares.items()]


def _held_out(model: TrainedLinear, share: float) -> LedgerRow:
    errors = int(np.sum(model.held_out.errors(model.w)))
    inputs = {"errors": errors, "n": len(model.held_out.y), "delta": share}
    return _row("test_binomial", inputs, share, _test_errors(model, model.w))


def _occam(model: TrainedLinear, share: float) -> LedgerRow:
    """The best of the candidates of the prior part, chosen by its errors on the certificate part."""
    losses = [model.certificate.errors(w) for w in model.candidates]
    best = int(np.argmin([np.sum(loss) for loss in losses]))
    inputs = {"risk": _mean(losses[best]), "hypotheses": len(STRENGTHS), "m": model.m, "delta": share}
    return _row("occam", inputs, share, _test_errors(model, model.candidates[best]), candidate=best)


def _gibbs(model: TrainedLinear, share: float) -> LedgerRow:
    """Posterior N(w, s^2 I), prior N(w0, s^2 I), s from the grid."""

    def inputs(sigma: float, delta: float) -> dict[str, float]:
        risk = _mean(model.certificate.gibbs_errors(model.w, sigma))
        return {"risk": risk, "kl": _gauss_kl(model, sigma, sigma), "m": model.m, "delta": delta}

    sigma, best = _smallest("maurer_seeger", POSTERIOR_SIGMAS, inputs, share)
    measured = measured_mean(model.test.gibbs_errors(model.w, sigma))
    return _row("maurer_seeger", best, share, measured, sigma=sigma)


def _route_a(model: TrainedLinear, share: float) -> LedgerRow:
    """One block, whose data-free predictor is w0."""
    risk = _mean(model.certificate.ramp_losses(model.w, model.gamma))
    return _row("w1_route_a", _transported(model, risk, share), share, _test_ramp(model))


def _transport(model: TrainedLinear, share: float) -> LedgerRow:
    risk = _mean(model.certificate.ramp_losses(model.w0, model.gamma))
    return _row("risk_transport", _transported(model, risk, share), share, _test_ramp(model))


def _transported(model: TrainedLinear, risk: float, share: float) -> dict[str, float]:
    return {"risk": risk, "lipschitz": model.lipschitz, "distance": model.distance, "m": model.m, "delta": share}


def _glm_local(model: TrainedLinear, share: float) -> LedgerRow:
    risk = _mean(model.certificate.ramp_losses(model.w, model.gamma))
    inputs = _transported(model, risk, share) | {"base_radius": BASE_RADIUS}
    return _row("w1_glm_local", inputs, share, _test_ramp(model))


def _in_ball(bound: str, model: TrainedLinear, share: float) -> LedgerRow:
    """The smallest ball of the grid around w0 that holds w."""
    radius = next(radius for radius in RADII if radius >= model.distance or radius == RADII[-1])
    inputs = _ball(model, radius, split_delta(share, len(RADII)))
    inputs["risk"] = _mean(model.certificate.ramp_losses(model.w, model.gamma))
    if bound == "rademacher_linear":
        del inputs["dim"]  # the loss is as steep in the score as in the weights, as no input is longer than 1
    return _row(bound, inputs, share, _test_ramp(model), radius=radius)


def _output(model: TrainedLinear, share: float) -> LedgerRow:
    """Width and threshold of the grid with the smallest bound, each at its part of the delta."""
    tried = [(sigma, threshold) for sigma in OUTPUT_SIGMAS for threshold in THRESHOLDS]

    def inputs(sigma: float, threshold: float) -> dict[str, float]:
        risk = _mean(model.certificate.smoothed_errors(model.w, sigma, threshold))
        kept = {"threshold": threshold, "hypotheses": len(tried), "m": model.m, "delta": share}
        return {"risk": risk, "kl": _gauss_kl(model, sigma, sigma)} | kept

    sigma, threshold = min(tried, key=lambda pair: _size(evaluate_bound("output_conversion", **inputs(*pair)).value))
    choice = {"sigma": sigma, "threshold": threshold}
    return _row("output_conversion", inputs(**choice), share, _test_errors(model, model.w), **choice)


def _smooth_mean(model: TrainedLinear, share: float) -> LedgerRow:
    """Posterior and prior of `smooth_gauss` for each radius of the grid, with the posterior's own risk and KL."""

    def inputs(radius: float, delta: float) -> dict[str, float]:
        ball = _ball(model, radius, delta)
        sigma = float(best_gauss_width(**{name: wide(value) for name, value in ball.items()}))
        risk = _mean(model.certificate.gibbs_ramp_losses(model.w, sigma, model.gamma))
        kl = _gauss_kl(model, sigma, float(np.hypot(sigma, radius / np.sqrt(model.dim))))
        kept = {name: ball[name] for name in ("lipschitz", "dim", "m", "delta")}
        return {"risk": risk, "kl": kl, "sigma": sigma} | kept

    radius, best = _smallest("smooth_mean", RADII, inputs, share)
    return _row("smooth_mean", best, share, _test_ramp(model), radius=radius)


def _ball(model: TrainedLinear, radius: float, delta: float) -> dict[str, float]:
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


def _row(bound: str, inputs: dict[str, float], share: float, measured: Estimate, **choice: float) -> LedgerRow:
    evaluated = evaluate_bound(bound, **inputs)
    certifies = certified_object(bound, choice)
    return LedgerRow(
        bound, certifies, evaluated.value, evaluated.vacuous, share, evaluated.terms, inputs, measured, choice
    )


def certified_object(bound: str, choice: Mapping[str, float]) -> str:
    """Which predictor and which risk a row speaks about."""
    match bound:
        case "test_binomial" | "output_conversion":
            return "0/1 risk of the model"
        case "occam":
            return f"0/1 risk of the best of {len(STRENGTHS)} models trained on the prior part"
        case "maurer_seeger":
            return f"randomised: 0/1 risk of N(model, {choice['sigma']:g}^2 I)"
    return "ramp risk, and so 0/1 risk, of the model"


def _test_errors(model: TrainedLinear, w: Weights) -> Estimate:
    return measured_errors(int(np.sum(model.test.errors(w))), len(model.test.y))


def _test_ramp(model: TrainedLinear) -> Estimate:
    return measured_mean(model.test.ramp_losses(model.w, model.gamma))


def _gauss_kl(model: TrainedLinear, sigma: float, prior_sigma: float) -> float:
    """KL(N(w, sigma^2 I) || N(w0, prior_sigma^2 I)), rounded up."""
    ratio = (sigma / prior_sigma) ** 2
    spread = model.dim / 2 * (ratio - 1 - np.log(ratio))
    return upward(model.distance**2 / (2 * prior_sigma**2) + spread)


def _mean(losses: NDArray) -> float:
    """Mean of losses in [0, 1], rounded up."""
    return min(1.0, upward(float(np.mean(losses))))


ROWS: dict[str, Callable[[TrainedLinear, float], LedgerRow]] = {
    "test_binomial": _held_out,
    "occam": _occam,
    "maurer_seeger": _gibbs,
    "w1_route_a": _route_a,
    "risk_transport": _transport,
    "w1_glm_local": _glm_local,
    "rademacher_linear": partial(_in_ball, "rademacher_linear"),
    "covering": partial(_in_ball, "covering"),
    "smooth_gauss": partial(_in_ball, "smooth_gauss"),
    "smooth_mean": _smooth_mean,
    "chain_gauss": partial(_in_ball, "chain_gauss"),
    "output_conversion": _output,
}
"""By bound: from a classifier and a part of delta to a row."""

NOTES = (
    "features centred and scaled by the prior part, given a bias, then projected onto the unit ball",
    "penalty, margin gamma, prior mean and candidates come from the prior part alone",
)
