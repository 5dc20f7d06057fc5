"""Losses of networks a second time, in NumPy, from the definition of each loss."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.learning.networks._law import GaussianWeights
from fathometer.generalization.learning.networks._problem import ClassRows
from fathometer.generalization.learning.networks._risks import Levels

CHUNK = 8192
"""Rows whose random numbers one generator draws, as the certificate says."""

Table = dict[str, NDArray[np.float64]]


def fixed_losses(net: Sequence[NDArray], rows: ClassRows, levels: Levels) -> Table:
    """Errors, bounded cross-entropy, ramp loss and margin of one network, for each row.

    Args:
        net: one matrix for each layer, its last row the bias.
        rows: features, shape (n, p), and numbers of the classes, shape (n,).
        levels: of clamping and margin.
    """
    tables = []
    for first in range(0, len(rows.y), CHUNK):
        layer = rows.x[first : first + CHUNK]
        for k, matrix in enumerate(net):
            layer = np.column_stack([layer if k == 0 else np.maximum(layer, 0), np.ones(len(layer))])
            layer = layer @ np.asarray(matrix, np.float64)
        tables.append(_losses(layer, rows.y[first : first + CHUNK], levels))
    return _stacked(tables)


def fresh_losses(law: GaussianWeights, rows: ClassRows, levels: Levels, key: Sequence[int], passes: int) -> Table:
    """The same with a network drawn afresh for each row and pass, by the random numbers of the certificate.

    Args:
        law: mean and standard deviation of each weight.
        rows: features, shape (n, p), and numbers of the classes, shape (n,).
        levels: of clamping and margin.
        key: seed and stream of the random numbers.
        passes: how often each row is drawn for.
    """
    tables = []
    for turn in range(passes):
        for part, first in enumerate(range(0, len(rows.y), CHUNK)):
            layer = rows.x[first : first + CHUNK]
            rng = np.random.default_rng([*key, turn, part])
            for k, (mean, sigma) in enumerate(zip(law.mean, law.sigma, strict=True)):
                layer = np.column_stack([layer if k == 0 else np.maximum(layer, 0), np.ones(len(layer))])
                deviation = np.sqrt(layer**2 @ sigma.astype(np.float64) ** 2)
                layer = layer @ mean.astype(np.float64) + deviation * rng.standard_normal((len(layer), mean.shape[1]))
            tables.append(_losses(layer, rows.y[first : first + CHUNK], levels))
    return _stacked(tables)


def _losses(scores: NDArray, y: NDArray, levels: Levels) -> Table:
    index = np.arange(len(y))
    right = scores[index, y]
    others = scores.copy()
    others[index, y] = -np.inf
    margin = right - others.max(axis=1)
    top = scores.max(axis=1)
    log_sum = top + np.log(np.sum(np.exp(scores - top[:, None]), axis=1))
    most = np.log(1 / levels.pmin)
    return {
        "errors": (margin <= 0).astype(np.float64),
        "cross_entropy": np.minimum(log_sum - right, most) / most,
        "ramp": np.maximum(0, np.minimum(1, (levels.gamma - margin) / levels.gamma)),
        "margin": margin,
    }


def _stacked(tables: list[Table]) -> Table:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
