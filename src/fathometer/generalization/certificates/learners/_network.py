"""A network that is trained with a certificate where the data allow one, and without where they do not."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.generalization.certificates.learners._classifier import too_few_to_certify
from fathometer.generalization.learning.networks import (
    InputScaling,
    NetworkCertificate,
    NetworkSettings,
    certify_network,
    network_split,
)
from fathometer.generalization.learning.networks._layers import Weights, initial_weights, layer_shapes, scores
from fathometer.generalization.learning.networks._problem import ClassRows
from fathometer.generalization.learning.networks._training import train_mean


@dataclass(frozen=True)
class FittedNetwork:
    """A network with its map of the inputs.

    Attributes:
        weights: one matrix for each layer.
        scaling: of the features.
        certificate: None if there is none.
        obstacle: why there is none; empty if there is one.
    """

    weights: Weights
    scaling: InputScaling
    certificate: NetworkCertificate | None
    obstacle: str

    def scores(self, x: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n k"]:
        """Scores of each class, in float64."""
        wide = [jnp.asarray(matrix, jnp.float64) for matrix in self.weights]
        return np.asarray(scores(wide, jnp.asarray(self.scaling.apply(x))))


def fit_network(
    x: NDArray,
    codes: NDArray,
    settings: NetworkSettings,
    delta: float,
    seed: int,
    groups: Any = None,
    allow_copies: bool = False,
) -> FittedNetwork:
    """Certify, or train on all rows where there are too few or a class is absent from the prior part.

    Args:
        x: shape (n, p), finite.
        codes: shape (n,), numbers of the classes.
        settings: of the network.
        delta: of the certificate.
        seed: of split and training.
        groups: shape (n,), group of each row; None if there is none.
        allow_copies: count rows with equal features one by one.

    Raises:
        InputError: if delta or seed is out of its range, or the groups do not fit.
    """
    obstacle = _obstacle(x, codes, settings, seed, groups, allow_copies)
    if not obstacle:
        certificate = certify_network(
            x, codes, settings=settings, delta=delta, seed=seed, groups=groups, allow_copies=allow_copies
        )
        return FittedNetwork(certificate.posterior.mean, certificate.scaling, certificate, "")
    scaling = InputScaling.of(x)
    shapes = layer_shapes(x.shape[1], settings.hidden, int(codes.max()) + 1)
    steps = settings.prior_steps
    weights = train_mean(
        initial_weights(shapes, np.random.default_rng(seed)),
        ClassRows(scaling.apply(x), codes),
        sigma=settings.prior_sigma,
        seed=seed,
        first=0,
        steps=steps,
        of=steps,
        batch=settings.batch,
    )
    return FittedNetwork(weights, scaling, None, obstacle)


def _obstacle(
    x: NDArray, codes: Int[np.ndarray, " n"], settings: NetworkSettings, seed: int, groups: Any, allow_copies: bool
) -> str:
    obstacle, grouped = too_few_to_certify(x, codes, groups, allow_copies)
    if grouped is None:
        return obstacle
    prior = network_split(len(codes), settings, seed, groups=grouped.numbers).part("prior")
    if len(np.unique(codes[prior])) < codes.max() + 1:
        return "a class is absent from the part that fixes the prior"
    return "" if np.ptp(x[prior], axis=0).any() else "the features are constant on the part that fixes the prior"
