"""Every certificate of a linear classifier near its prior, each tuned on a grid that it pays for.

Transport of margins. Fix w_0 and r >= 0 before the rows are seen. If w errs at (x, y) and |w_0 - c w| <= r for some
c >= 0, then y <w_0, x> <= y <w_0 - c w, x> <= r |x|. So every such w has a risk of at most P(y <w_0, x> <= r |x|), and
the rows give the exact binomial limit of that one probability. It is the transport of a risk through the output: no
Lipschitz constant, no ramp, the width of the margin belongs to the row.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np

from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import split_delta
from fathometer.generalization.bounds.smoothing import best_gauss_width
from fathometer.generalization.learning.linear._ledger import OUTPUT_SIGMAS, ROWS
from fathometer.generalization.learning.linear._training import TrainedLinear, upward
from fathometer.numerics import wide

RADII = tuple(2.0**k for k in range(-7, 2))
REACHES = (0.0, *(2.0**k for k in range(-9, 1)))
MARGINS = (0.5, 1.0, 2.0)
PRIORS, PLACES, WIDTHS = RADII[::2], (0.0, 0.5, 0.9, 1.0), (0.3, 1.0)
"""Grids fixed in advance: balls, reaches of the transported margin, margins of the ramp over that of the prior part,
balls that priors are made for; and, free of charge, where the intermediate law stands and how wide it is."""

ROUNDING = 1e-12
"""More than that of margins and distances in the unit ball, and added to widths."""

Evaluate = Callable[[TrainedLinear, float], float]


def linear_values(model: TrainedLinear, delta: float) -> dict[str, float]:
    """Certified risks by bound, all of them together under one delta.

    Args:
        model: with its samples.
        delta: in (0, 1).
    """
    share = split_delta(delta, len(BOUNDS))
    values = {name: evaluate(model, share) for name, evaluate in BOUNDS.items()}
    return values | {"twice_maurer_seeger": upward(2 * values["maurer_seeger"])}


def certified(bound: str, **inputs: Any) -> float:
    """Value of a bound; infinity if there is none."""
    value = evaluate_bound(bound, **inputs).value
    return np.inf if value is None else float(value)


def mean_up(losses: Iterable[float] | np.ndarray) -> float:
    """Mean of losses in [0, 1], rounded up."""
    return min(1.0, upward(float(np.mean(np.asarray(losses, np.float64)))))


def _steep(evaluate: Evaluate) -> Evaluate:
    """The best margin of the ramp, each at its part of the delta."""

    def best(model: TrainedLinear, share: float) -> float:
        part = split_delta(share, len(MARGINS))
        return min(evaluate(replace(model, gamma=model.gamma * factor), part) for factor in MARGINS)

    return best


def _ramp(model: TrainedLinear) -> float:
    return mean_up(model.certificate.ramp_losses(model.w, model.gamma))


def _route_a(model: TrainedLinear, share: float) -> float:
    return certified("w1_route_a", risk=_ramp(model), **_moved(model, share))


def _risk_transport(model: TrainedLinear, share: float) -> float:
    risk = mean_up(model.certificate.ramp_losses(model.w0, model.gamma))
    return certified("risk_transport", risk=risk, **_moved(model, share))


def _glm_local(model: TrainedLinear, share: float) -> float:
    return certified("w1_glm_local", risk=_ramp(model), base_radius=RADII[0], **_moved(model, share))


def _moved(model: TrainedLinear, share: float) -> dict[str, float]:
    return {"lipschitz": model.lipschitz, "distance": model.distance, "m": model.m, "delta": share}


def _in_ball(bound: str, model: TrainedLinear, share: float) -> float:
    """In the smallest ball of the grid around the prior mean that holds the model."""
    radius = next((radius for radius in RADII if radius >= model.distance), RADII[-1])
    inputs = _ball(model, radius, split_delta(share, len(RADII)))
    if bound == "rademacher_linear":
        del inputs["dim"]
    return certified(bound, risk=_ramp(model), **inputs)


def _ball(model: TrainedLinear, radius: float, delta: float) -> dict[str, float]:
    return {"lipschitz": model.lipschitz, "radius": radius, "dim": model.dim, "m": model.m, "delta": delta}


def _twin(model: TrainedLinear, share: float) -> float:
    """N(w, sigma^2 I), sigma from the grid that Route E has too."""
    delta = split_delta(share, len(OUTPUT_SIGMAS))
    return min(
        certified(
            "maurer_seeger",
            risk=mean_up(model.certificate.gibbs_errors(model.w, sigma)),
            kl=upward(model.distance**2 / (2 * sigma**2)),
            m=model.m,
            delta=delta,
        )
        for sigma in OUTPUT_SIGMAS
    )


def _interpolated(model: TrainedLinear, share: float, places: tuple[float, ...] = PLACES) -> float:
    """The best intermediate law for each radius: the prior is fixed by the radius, the law is free."""
    delta = split_delta(share, len(PRIORS))
    laws = product(PRIORS, places, WIDTHS)
    return min(_between(model, radius, delta, place, factor) for radius, place, factor in laws)


@cache
def _best_width(**ball: float) -> float:
    return float(best_gauss_width(**{name: wide(value) for name, value in ball.items()}))


def _between(model: TrainedLinear, radius: float, delta: float, place: float, factor: float) -> float:
    """From w to N(w0 + place (w - w0), (factor sigma)^2 I) by W1, from there to the prior by KL; back to w or not."""
    best = _best_width(**_ball(model, radius, delta))
    sigma, centre = best * factor, model.w0 + place * (model.w - model.w0)
    spread = (sigma / np.hypot(best, radius / np.sqrt(model.dim))) ** 2
    kl = (place * model.distance / sigma) ** 2 * spread / 2 + model.dim / 2 * (spread - 1 - np.log(spread))
    path = np.hypot((1 - place) * model.distance, sigma * np.sqrt(model.dim))
    inputs = {"lipschitz": model.lipschitz, "distance": upward(path), "kl": upward(kl), "m": model.m, "delta": delta}
    risk = mean_up(model.certificate.gibbs_ramp_losses(centre, sigma, model.gamma))
    return min(
        certified("kl_w1_interp", risk=_ramp(model), **inputs), certified("kl_w1_interp_eta", risk=risk, **inputs)
    )


def _margin_transport(model: TrainedLinear, share: float) -> float:
    """The exact binomial limit of the prior mean at the margin that the model cannot overcome."""
    needed = float(np.linalg.norm(model.w0 - max(0.0, float(model.w @ model.w0)) * model.w))
    reach = next((reach for reach in REACHES if reach >= needed - ROUNDING), REACHES[-1])
    return transported(model.certificate.margins(model.w0), reach * np.linalg.norm(model.certificate.x, axis=1), share)


def transported(margins: np.ndarray, widths: np.ndarray, share: float, tried: int = len(REACHES)) -> float:
    """Binomial limit of the probability that a margin fixed in advance is at most the width of its row.

    Args:
        margins: shape (m,), of the prior's scores.
        widths: shape (m,), at least 0.
        share: part of delta, in (0, 1).
        tried: number of widths that one was chosen from.
    """
    errors = int(np.sum(margins <= widths * (1 + 1e-9) + 2 * ROUNDING))
    return certified("occam_binomial", errors=errors, n=len(margins), weight=1 / tried, delta=share)


def _prior_binomial(model: TrainedLinear, share: float) -> float:
    errors = int(np.sum(model.certificate.errors(model.w0)))
    return certified("test_binomial", errors=errors, n=model.m, delta=share)


def _row(bound: str, model: TrainedLinear, share: float) -> float:
    """As the ledger of linear classifiers has it."""
    value = ROWS[bound](model, share).value
    return np.inf if value is None else float(value)


BOUNDS: dict[str, Evaluate] = {
    "output_conversion": partial(_row, "output_conversion"),
    "margin_transport": _margin_transport,
    "risk_transport": _steep(_risk_transport),
    "w1_route_a": _steep(_route_a),
    "smooth_gauss": _steep(partial(_in_ball, "smooth_gauss")),
    "smooth_mean": _steep(partial(_interpolated, places=(1.0,))),
    "kl_w1_interp": _steep(_interpolated),
    "chain_gauss": _steep(partial(_in_ball, "chain_gauss")),
    "rademacher_linear": _steep(partial(_in_ball, "rademacher_linear")),
    "w1_glm_local": _steep(_glm_local),
    "covering": _steep(partial(_in_ball, "covering")),
    "maurer_seeger": _twin,
    "test_binomial": partial(_row, "test_binomial"),
    "prior_binomial": _prior_binomial,
}
"""By bound: from a classifier and a part of delta to its certified risk."""
