"""Lines of the table for an update of an inner layer near the network that the prior part trained."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.learning.conversion._inner_bounds import UpdatedNetwork, inner_values
from fathometer.generalization.learning.conversion._inner_layer import InnerUpdate
from fathometer.generalization.learning.conversion._line import ConversionLine
from fathometer.generalization.learning.conversion._linear_lines import STEPS, Parts, sizes_up_to, trained_network
from fathometer.generalization.learning.linear._model import Sample, Scaling

SMALLEST = 1e-6


def inner_lines(
    x: NDArray,
    y: NDArray,
    parts: Parts,
    *,
    rank: int | None = 4,
    width: int = 32,
    penalty: float = 1.0,
    delta: float = 0.05,
    sizes: Sequence[int] = (),
    steps: Sequence[float] = STEPS,
    seed: int = 0,
) -> Iterator[ConversionLine]:
    """Certify updates of the hidden layer on the way from the prior network to what prior and certificate part train.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        parts: row numbers of each part.
        rank: of the update, along the leading directions of the prior part; None for the biases alone.
        width: of the hidden layer.
        penalty: on the squared length of the update against the sum of the losses.
        delta: in (0, 1), for each line with all of its bounds.
        sizes: of the certificate part, beside all of its rows; those of a grid if empty.
        steps: of the way.
        seed: of the network and of the noise.

    Yields:
        A line for each size and step.
    """
    scaled = Scaling.of(x[parts["prior"]]).apply(x)
    samples = {name: Sample(scaled[rows], y[rows]) for name, rows in parts.items()}
    layer, gamma = _prior_network(samples["prior"], rank, width, seed)
    for m in sizes_up_to(len(parts["certificate"]), sizes):
        certificate, held_out = (Sample(samples[p].x[:m], samples[p].y[:m]) for p in ("certificate", "held_out"))
        update = layer.trained(*_joined(samples["prior"], certificate), penalty)
        for step in steps:
            network = UpdatedNetwork(layer, step * update, certificate, held_out, gamma, seed)
            yield ConversionLine(
                regime="biases" if rank is None else f"rank {rank}",
                m=network.m,
                prior_rows=len(samples["prior"].y),
                step=step,
                distance=network.distance / network.unit,
                delta=delta,
                values=inner_values(network, delta),
                measured=float(np.mean(network.margins(samples["test"]) <= 0)),
            )


def _joined(first: Sample, second: Sample) -> tuple[NDArray, NDArray]:
    return np.concatenate([first.x, second.x]), np.concatenate([first.y, second.y])


def _prior_network(prior: Sample, rank: int | None, width: int, seed: int) -> tuple[InnerUpdate, float]:
    """The network that the prior part trains, and its median margin there."""
    found = trained_network(prior.x, prior.y, width, seed)
    directions = None if rank is None else np.linalg.svd(prior.x, full_matrices=False)[2][:rank].T
    layer = InnerUpdate(
        found.coefs_[0], found.intercepts_[0], found.coefs_[1][:, 0], float(found.intercepts_[1][0]), directions
    )
    margins = prior.y * layer.scores(prior.x, np.zeros(layer.shape))
    return layer, max(float(np.median(margins)), SMALLEST)
