"""Lines of the table for linear classifiers and for linear heads of networks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.learning.conversion._line import ConversionLine
from fathometer.generalization.learning.conversion._linear_bounds import linear_values
from fathometer.generalization.learning.linear._model import Sample, Scaling, direction, fit_weights
from fathometer.generalization.learning.linear._training import (
    MINIMUM_ROWS,
    TrainedLinear,
    joined,
    linear_split,
    prepare_linear,
)
from fathometer.generalization.ledger._copies import grouped_rows

STEPS = (0.0, 0.03, 0.1, 0.3, 1.0)
SIZES = (100, 300, 1000, 3000, 10_000, 30_000)
Parts = Mapping[str, NDArray[np.int64]]


def conversion_parts(x: NDArray, y: NDArray, seed: int) -> dict[str, NDArray[np.int64]]:
    """Prior, certificate, held-out and test part; equal rows stay in one, and count once in all but the first.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        seed: of the shuffle.

    Raises:
        InputError: if fewer than 60 rows are independent.
    """
    split = linear_split(grouped_rows(x, y, MINIMUM_ROWS, None, False).numbers, seed)
    return {name: split.part(name) for name in split.parts}


def sizes_up_to(rows: int, sizes: Sequence[int] = ()) -> list[int]:
    """Sizes of the certificate part, and all of its rows.

    Args:
        rows: that there are.
        sizes: wanted; those of the grid if empty.
    """
    return [*(size for size in sizes or SIZES if size < 0.9 * rows), rows]


def linear_lines(
    x: NDArray,
    y: NDArray,
    parts: Parts,
    *,
    regime: str = "linear",
    delta: float = 0.05,
    sizes: Sequence[int] = (),
    steps: Sequence[float] = STEPS,
    small_prior: bool = False,
) -> Iterator[ConversionLine]:
    """Certify logistic regressions on the way from the prior mean to what prior and certificate part train.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        parts: row numbers of each part, as `conversion_parts` gives them.
        regime: its name, for the lines.
        delta: in (0, 1), for each line with all of its bounds.
        sizes: of the certificate part, beside all of its rows; those of a grid if empty.
        steps: of the way from the prior mean (0) to the trained model (1).
        small_prior: whether the prior part has as many rows as the certificate part, not all of its own.

    Yields:
        A line for each size and step.

    Raises:
        InputError: if the prior part holds one class only.
    """
    whole = None if small_prior else prepare_linear(x, y, parts)
    for m in sizes_up_to(len(parts["certificate"]), sizes):
        here = whole or prepare_linear(x, y, {**parts, "prior": parts["prior"][:m]})
        near = replace(here, samples=_first(here.samples, m))
        trained = direction(fit_weights(joined(near.samples), near.strength))
        for step in steps:
            weights = near.w0 + step * (trained - near.w0)
            yield _line(replace(near, weights=weights), regime, step, delta)


def _first(samples: dict[str, Sample], m: int) -> dict[str, Sample]:
    """At most m rows of the parts that certify."""
    cut = {name: Sample(samples[name].x[:m], samples[name].y[:m]) for name in ("certificate", "held_out")}
    return samples | cut


def _line(model: TrainedLinear, regime: str, step: float, delta: float) -> ConversionLine:
    return ConversionLine(
        regime=regime,
        m=model.m,
        prior_rows=len(model.samples["prior"].y),
        step=step,
        distance=model.distance,
        delta=delta,
        values=linear_values(model, delta),
        measured=float(np.mean(model.test.errors(model.w))),
    )


def head_lines(
    x: NDArray, y: NDArray, parts: Parts, *, width: int = 64, seed: int = 0, **options: Any
) -> Iterator[ConversionLine]:
    """Lines for the last layer of a network whose other layers only saw the prior part.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        parts: row numbers of each part.
        width: of the hidden layer.
        seed: of its training.
        options: of `linear_lines`, but for its regime.
    """
    scaled = Scaling.of(x[parts["prior"]]).apply(x)
    network = trained_network(scaled[parts["prior"]], y[parts["prior"]], width, seed)
    hidden = np.maximum(scaled @ network.coefs_[0] + network.intercepts_[0], 0)
    return linear_lines(hidden, y, parts, regime="head", **options)


def trained_network(x: NDArray, y: NDArray, width: int, seed: int) -> Any:
    """A network with one hidden layer of rectified units, scikit-learn's.

    Args:
        x: shape (n, d).
        y: shape (n,), -1 or 1.
        width: of the hidden layer.
        seed: of the training.
    """
    import warnings

    from sklearn.neural_network import MLPClassifier

    epochs = int(np.clip(2_000_000 // len(y), 20, 400))
    network = MLPClassifier((width,), learning_rate_init=0.01, max_iter=epochs, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it may stop before it has converged: any network that is fixed will do
        return network.fit(x, y)
