"""Bounds with a Wasserstein distance, and the transport of a risk that dominates the published conversion."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._pieces import (
    BLOCKS,
    DATA_FREE,
    DELTA,
    IID,
    LIPSCHITZ,
    LIPSCHITZ_LOSS,
    RISK,
    M,
    hoeffding,
)
from fathometer.generalization.bounds._references import AMIT, BARTLETT, FATHOMETER, VIALLARD_WASSERSTEIN
from fathometer.generalization.bounds.all_radii import shell_of
from fathometer.numerics import Wide, kl_inverse_upper, round_up, wide

_DISTANCE = Key("distance", "sum over blocks of |S_i|/m times the distance to the prior of block i", at_least=0)
_PRIOR_RISK = Key(
    "risk", "sum over blocks of |S_i|/m times the empirical risk on S_i of the prior of block i", at_least=0, at_most=1
)
_CENTRE = Key("distance", "distance from the data-free centre w_0", at_least=0)
_HYPOTHESES = Key("hypotheses", "number of predictors", at_least=1)
_W1 = Key("distance", "W1(posterior, prior)", at_least=0)
_FEATURE_NORM = Key("feature_norm", "largest norm of an input", above=0, required=False, default=1)
_BASE_RADIUS = Key("base_radius", "r_0 > 0, fixed in advance: the finest radius", above=0)
_BLOCK_PRIORS = "one for each block, which may depend on the other blocks"


def _w1_route_a(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide) -> Evaluation:
    """The published conversion, with its union over the blocks; the improved confidence is shown beside it."""
    union, improved = _confidences(m, delta, blocks)
    terms = {"empirical_risk": risk, "transport": 2 * lipschitz * distance, "confidence": union}
    return round_up(sum(terms.values(), start=wide(0))), {**terms, "improved_confidence": improved}


def _w1_route_a_improved(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide) -> Evaluation:
    """The conversion without the union over the blocks."""
    _, improved = _confidences(m, delta, blocks)
    terms = {"empirical_risk": risk, "transport": 2 * lipschitz * distance, "confidence": improved}
    return round_up(sum(terms.values(), start=wide(0))), terms


def _risk_transport(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide) -> Evaluation:
    """The priors' own certificate, carried over by the Lipschitz constant; in the kl form for a single block."""
    _, improved = _confidences(m, delta, blocks)
    certificate = np.where(blocks == 1, kl_inverse_upper(risk, -np.log(delta) / m), risk + improved)
    terms = {"prior_risk": risk, "prior_certificate": certificate, "transport": lipschitz * distance}
    return round_up(certificate + lipschitz * distance), terms


def _w1_amit_finite(risk: Wide, lipschitz: Wide, distance: Wide, hypotheses: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Finite class: the gap itself is Lipschitz with a small constant."""
    rate = lipschitz * np.sqrt(2 * np.log(4 * hypotheses**2 / delta) / m)
    terms = {"empirical_risk": risk, "transport": rate * distance, "confidence": hoeffding(m, np.log(2 / delta))}
    return round_up(sum(terms.values(), start=wide(0))), terms


def _w1_glm_local(
    risk: Wide, lipschitz: Wide, distance: Wide, base_radius: Wide, m: Wide, delta: Wide, feature_norm: Wide
) -> Evaluation:
    """Generalized linear model: local Rademacher complexity around a data-free centre, all radii at once."""
    shell = shell_of(distance, base_radius)
    radius = base_radius * 2**shell
    log_inverse = np.log(2 * (shell + 1) * (shell + 2) / delta)
    terms = {
        "empirical_risk": risk,
        "increment": local_increment(lipschitz * feature_norm * radius, m, log_inverse),
        "confidence": hoeffding(m, np.log(2 / delta)),
    }
    return round_up(sum(terms.values(), start=wide(0))), {**terms, "radius": radius}


def local_increment(scale: Wide, m: Wide, log_inverse_delta: Wide) -> Wide:
    """What the gap may change by in a ball: scale / sqrt(m) (2 + sqrt(2 ln(1/delta))), scale = L X r (derived).

    Args:
        scale: L X r: Lipschitz constant in the score, largest norm of an input, radius of the ball.
        m: sample size.
        log_inverse_delta: ln(1/delta), positive.
    """
    return scale / np.sqrt(m) * (2 + np.sqrt(2 * log_inverse_delta))


def _confidences(m: Wide, delta: Wide, blocks: Wide) -> tuple[Wide, Wide]:
    """With the union over equal blocks, and without."""
    return tuple(np.sqrt(blocks) * hoeffding(m, log) for log in (np.log(blocks / delta), -np.log(delta)))  # type: ignore[return-value]


BOUNDS = (
    Bound(
        id="w1_route_a",
        title="Uniform convergence from W1 PAC-Bayes",
        statement=(
            "For K equal blocks and priors h_i that do not depend on S_i: with probability at least 1 - delta, every h "
            "has risk at most R_S(h) + 2 L mean_i d(h, h_i) + sqrt(K ln(K/delta)/(2m))."
        ),
        certificate="risk + 2 L distance + sqrt(K ln(K/delta)/(2m))",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="W1",
        prior=_BLOCK_PRIORS,
        source=Source(VIALLARD_WASSERSTEIN, "Corollary for Dirac posteriors of Theorem 3", "published"),
        keys=(RISK, LIPSCHITZ, _DISTANCE, M, DELTA, BLOCKS),
        evaluate=_w1_route_a,
    ),
    Bound(
        id="w1_route_a_improved",
        title="Uniform convergence from W1 PAC-Bayes without a union over the blocks",
        statement="As w1_route_a with the last term sqrt(K ln(1/delta)/(2m)).",
        certificate="risk + 2 L distance + sqrt(K ln(1/delta)/(2m))",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="W1",
        prior=_BLOCK_PRIORS,
        source=Source(
            VIALLARD_WASSERSTEIN,
            "Corollary for Dirac posteriors of Theorem 3",
            "derived here: convexity of exp replaces the union bound",
        ),
        keys=(RISK, LIPSCHITZ, _DISTANCE, M, DELTA, BLOCKS),
        evaluate=_w1_route_a_improved,
    ),
    Bound(
        id="risk_transport",
        title="Transport of the prior's certificate",
        statement=(
            "For K equal blocks and priors h_i that do not depend on S_i: with probability at least 1 - delta, every h "
            "has risk at most the certificate of the priors on their own blocks plus L mean_i d(h, h_i)."
        ),
        certificate=(
            "prior certificate + L distance: kl^-1(risk, ln(1/delta)/m) if K = 1, else risk + sqrt(K ln(1/delta)/(2m))"
        ),
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="W1",
        prior=_BLOCK_PRIORS,
        source=Source(
            FATHOMETER,
            "risk transport",
            "derived here: concentration at the priors, then the Lipschitz constant; never above w1_route_a_improved",
        ),
        keys=(_PRIOR_RISK, LIPSCHITZ, _DISTANCE, M, DELTA, BLOCKS),
        evaluate=_risk_transport,
    ),
    Bound(
        id="w1_amit_finite",
        title="W1 with a rate on finite classes",
        statement=(
            "With probability at least 1 - delta, every posterior on H predictors has rho[R] <= rho[R_S] + L "
            "sqrt(2 ln(4 H^2/delta)/m) W1(rho, pi) + sqrt(ln(2/delta)/(2m))."
        ),
        certificate="risk + L sqrt(2 ln(4 H^2/delta)/m) distance + sqrt(ln(2/delta)/(2m))",
        certifies=Certifies.GIBBS,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="W1",
        prior=DATA_FREE,
        source=Source(
            AMIT,
            "finite class",
            "published, with 2 sqrt(ln(2/delta)/m) as last term; improved here: Hoeffding for every pair",
        ),
        keys=(RISK, LIPSCHITZ, _W1, _HYPOTHESES, M, DELTA),
        evaluate=_w1_amit_finite,
    ),
    Bound(
        id="w1_glm_local",
        title="W1 with a rate on linear models",
        statement=(
            "With probability at least 1 - delta, every w of a generalized linear model has risk at most R_S(w) + "
            "sqrt(ln(2/delta)/(2m)) + L X r (2 + sqrt(2 ln(2(j+1)(j+2)/delta)))/sqrt(m), r = r_0 2^j >= |w - "
            "w_0|."
        ),
        certificate=(
            "risk + sqrt(ln(2/delta)/(2m)) + L X r/sqrt(m) (2 + sqrt(2 ln(2(j+1)(j+2)/delta))), r = r_0 2^j >= distance"
        ),
        certifies=Certifies.ALL,
        loss="in [0, 1] at w_0, L-Lipschitz in the score of a linear predictor",
        data=IID,
        divergence="W1 to a Dirac prior",
        prior=DATA_FREE,
        source=Source(
            BARTLETT, "contraction, localised", "derived here: Ledoux-Talagrand contraction, McDiarmid, peeling"
        ),
        keys=(RISK, LIPSCHITZ, _CENTRE, _BASE_RADIUS, M, DELTA, _FEATURE_NORM),
        evaluate=_w1_glm_local,
    ),
)
