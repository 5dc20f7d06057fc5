"""Bounds as training objectives: functions of risk, KL and sample size that can be differentiated."""

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.generalization.learning.networks._settings import Objective
from fathometer.numerics import differentiable_kl_inverse

Scalar = Float[Array, ""]


def complexity(kl: Scalar, m: int, delta: float) -> Scalar:
    """c_m = (KL + ln(2 sqrt(m)/delta)) / m.

    Args:
        kl: KL(posterior || prior) in nats.
        m: size of the certificate part.
        delta: in (0, 1).
    """
    return (kl + jnp.log(2 * jnp.sqrt(float(m)) / delta)) / m


def quad(risk: Scalar, c: Scalar, lam: Scalar) -> Scalar:
    """(sqrt(risk + c/2) + sqrt(c/2))^2; lambda plays no part.

    Args:
        risk: empirical Gibbs risk, in [0, 1].
        c: c_m, see `complexity`.
        lam: not used.
    """
    return jnp.square(jnp.sqrt(risk + c / 2) + jnp.sqrt(c / 2))


def linear_in_lambda(risk: Scalar, c: Scalar, lam: Scalar) -> Scalar:
    """risk/(1 - lambda/2) + c/(lambda (1 - lambda/2)).

    Args:
        risk: empirical Gibbs risk, in [0, 1].
        c: c_m, see `complexity`.
        lam: lambda, in (0, 2).
    """
    return (risk + c / lam) / (1 - lam / 2)


def best_lambda(risk: Scalar, c: Scalar) -> Scalar:
    """The minimiser of `linear_in_lambda`, where it equals `quad`."""
    return 2 / (jnp.sqrt(2 * risk / c + 1) + 1)


def inverse_kl(risk: Scalar, c: Scalar, lam: Scalar) -> Scalar:
    """The inverse kl itself, in float64; lambda plays no part.

    Args:
        risk: empirical Gibbs risk, in [0, 1].
        c: c_m, see `complexity`.
        lam: not used.
    """
    inside = jnp.clip(jnp.float64(risk), 1e-9, 1 - 1e-9)
    return differentiable_kl_inverse(inside, jnp.float64(c)).astype(risk.dtype)


OBJECTIVES: dict[Objective, Callable[[Scalar, Scalar, Scalar], Scalar]] = {
    Objective.QUAD: quad,
    Objective.LAMBDA: linear_in_lambda,
    Objective.KL: inverse_kl,
}
