"""Certificates of an update of an inner layer, each tuned on a grid that it pays for."""

from dataclasses import dataclass

import numpy as np

from fathometer.generalization.bounds._delta_account import split_delta
from fathometer.generalization.learning.conversion._inner_layer import InnerUpdate
from fathometer.generalization.learning.conversion._linear_bounds import (
    MARGINS,
    REACHES,
    certified,
    mean_up,
    transported,
)
from fathometer.generalization.learning.linear._ledger import THRESHOLDS
from fathometer.generalization.learning.linear._model import Sample
from fathometer.generalization.learning.linear._training import upward

SIGMAS = (0.01, 0.03, 0.1, 0.2, 0.4)
RADII = tuple(2.0**k for k in range(-7, 4))
"""Grids fixed in advance, in units that the prior part fixes: noise that moves a typical score by its own size, and
updates that may do so."""

DRAWS = 50_000
"""Of noise, over all rows, for each width."""

BOUNDS = (
    "output_conversion",
    "margin_transport",
    "risk_transport",
    "w1_route_a",
    "smooth_gauss",
    "chain_gauss",
    "covering",
    "rademacher",
    "maurer_seeger",
    "test_binomial",
    "prior_binomial",
)


@dataclass(frozen=True, eq=False)
class UpdatedNetwork:
    """An update, the rows that certify it and what the prior part fixed.

    Attributes:
        layer: the network.
        update: A, shape (r, k).
        certificate: rows that the empirical risks are measured on.
        held_out: rows that no training saw.
        gamma: margin of the ramp loss, from the prior part.
        seed: of the noise.
    """

    layer: InnerUpdate
    update: np.ndarray
    certificate: Sample
    held_out: Sample
    gamma: float
    seed: int = 0

    @property
    def m(self) -> int:
        """Rows that certify."""
        return len(self.certificate.y)

    @property
    def unit(self) -> float:
        """Length of an update that may move a score by gamma."""
        return self.gamma / float(np.linalg.norm(self.layer.out))

    @property
    def distance(self) -> float:
        """Frobenius norm of the update, rounded up."""
        return upward(float(np.linalg.norm(self.update)))

    def margins(self, sample: Sample, step: float = 1.0) -> np.ndarray:
        """Margins of a part of the update.

        Args:
            sample: rows.
            step: share of the update; 0 is the prior.
        """
        return sample.y * self.layer.scores(sample.x, step * self.update)


def inner_values(network: UpdatedNetwork, delta: float) -> dict[str, float]:
    """Certified risks by bound, all of them together under one delta.

    Args:
        network: with its rows.
        delta: in (0, 1).
    """
    share = split_delta(delta, len(BOUNDS))
    return _noisy(network, share) | _exact(network, share) | _lipschitz(network, share)


def _noisy(network: UpdatedNetwork, share: float) -> dict[str, float]:
    """Route E and the randomised twin, from the same draws: half of each share goes to the draws."""
    rng, draws = np.random.default_rng(network.seed), -(-DRAWS // network.m)
    values = {"output_conversion": np.inf, "maurer_seeger": np.inf}
    for sigma in SIGMAS:
        width = sigma * network.unit
        rows = network.certificate
        counts = network.layer.noisy_errors(rows.x, rows.y, network.update, width, THRESHOLDS, draws, rng)
        keys = {"kl": upward(network.distance**2 / (2 * width**2)), "m": network.m}
        trials = draws * network.m
        twin = certified("test_kl", risk=counts[0] / trials, n=trials, delta=split_delta(share / 2, len(SIGMAS)))
        part = split_delta(share / 2, len(SIGMAS))
        values["maurer_seeger"] = min(
            values["maurer_seeger"], certified("maurer_seeger", risk=twin, delta=part, **keys)
        )
        tried = len(SIGMAS) * len(THRESHOLDS)
        for count, threshold in zip(counts[1:], THRESHOLDS, strict=True):
            risk = certified("test_kl", risk=count / trials, n=trials, delta=split_delta(share / 2, tried))
            more = {"threshold": threshold, "hypotheses": tried, "delta": share / 2}
            value = certified("output_conversion", risk=min(risk, 1.0), **keys, **more)
            values["output_conversion"] = min(values["output_conversion"], value)
    return values


def _exact(network: UpdatedNetwork, share: float) -> dict[str, float]:
    """Binomial limits: the transported margin of the prior, the prior, and the model on rows that nobody saw."""
    before = network.margins(network.certificate, 0.0)
    needed = float(np.linalg.norm(network.update, 2)) / network.unit
    reach = next((reach for reach in _reaches() if reach >= needed * (1 - 1e-12)), np.inf)
    widths = network.layer.transported_width(network.certificate.x, reach * network.unit)
    held_out = network.margins(network.held_out)
    return {
        "margin_transport": transported(before, widths, share, len(_reaches())) if np.isfinite(reach) else np.inf,
        "test_binomial": certified("test_binomial", errors=int(np.sum(held_out <= 0)), n=held_out.size, delta=share),
        "prior_binomial": certified("test_binomial", errors=int(np.sum(before <= 0)), n=before.size, delta=share),
    }


def _reaches() -> tuple[float, ...]:
    return (*REACHES, *(2.0 * REACHES[-1], 4.0 * REACHES[-1]))


def _lipschitz(network: UpdatedNetwork, share: float) -> dict[str, float]:
    """Bounds on the ramp risk, whose Lipschitz constant in the update is |a|/gamma, as no |v(x)| is above 1."""
    names = ("risk_transport", "w1_route_a", "smooth_gauss", "chain_gauss", "covering", "rademacher")
    part = split_delta(share, len(MARGINS))
    return {name: min(_at_margin(network, name, factor, part) for factor in MARGINS) for name in names}


def _at_margin(network: UpdatedNetwork, name: str, factor: float, delta: float) -> float:
    gamma = network.gamma * factor
    steep = {"lipschitz": upward(1 / (network.unit * factor)), "m": network.m}
    step = 0.0 if name == "risk_transport" else 1.0
    risk = mean_up(np.clip(1 - network.margins(network.certificate, step) / gamma, 0, 1))
    if name in ("risk_transport", "w1_route_a"):
        return certified(name, risk=risk, distance=network.distance, delta=delta, **steep)
    part = split_delta(delta, len(RADII))
    radius = next((r * network.unit for r in RADII if r * network.unit >= network.distance), None)
    if radius is None:
        return np.inf
    if name == "rademacher":  # vector contraction (Maurer 2016): sqrt(2) L sup over A of <A, sum_i eps_i v(x_i)>
        complexity = np.sqrt(2 * network.layer.shape[1] / network.m) * steep["lipschitz"] * radius
        return certified(name, risk=risk, complexity=upward(float(complexity)), m=network.m, delta=part)
    return certified(name, risk=risk, radius=radius, dim=network.update.size, delta=part, **steep)
