"""A last layer near a pretrained one: the conversion through the output, whose bound holds for every head at once.

The layers below the head, and the head that the prior is centred at, have not seen the rows that certify. The noise of
the conversion is Gaussian of one width in the head's weights alone (the constant feature of the bias among them), its
effect on a margin is known in closed form, and neither draws nor the number of weights enter. Adding one vector to
all classes, and the length of the head, change no answer: both are chosen freely.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from math import log
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.learning.linear import smoothed_class_errors
from fathometer.generalization.learning.linear._ledger import THRESHOLDS
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.ledger._ledger import LedgerRow, measured_errors
from fathometer.network._network import Network
from fathometer.network.adapters._head import features_of
from fathometer.network.certificates._answers import BATCH, scores_of
from fathometer.network.certificates._layout import Layout

EVERY_HEAD = "0/1 risk of the deployed predictor, as of every head on these features"

WIDTHS = tuple(2.0 ** (k / 2) for k in range(-16, 5))
"""Of the noise, in root mean squares of the weights of the pretrained head; fixed in advance."""

LENGTHS = tuple(2.0 ** (k / 2) for k in range(-4, 5))
"""By which the head may be stretched, for free."""

SAME_SCORES = 1e-3
"""The head must give the network's own scores up to this part of the largest."""


@dataclass(frozen=True)
class Head:
    """Where the last layer of a network is.

    Attributes:
        weight: name of its matrix.
        bias: name of its bias; empty if it has none.
        features: from the network's inputs to what enters it, shape (n, d); None for a layer of torch, whose matrix is
            `layer.weight`.
    """

    weight: str
    bias: str = ""
    features: Callable[[Any], Any] | None = None


@dataclass(frozen=True, eq=False)
class HeadRecord(Record):
    """A row of a head, with what a recheck needs.

    Attributes:
        row: of the ledger.
        weight: name of the matrix.
        bias: name of the bias; empty if there is none.
        prior_sha256: of the pretrained network.
        prior_saw: numbers of the rows that it has seen, as the user says.
    """

    row: LedgerRow
    weight: str
    bias: str
    prior_sha256: str
    prior_saw: NDArray[np.int64]


def read_head(head: Head | str, arrays: Mapping[str, NDArray[Any]]) -> Head:
    """The last layer that was named.

    Args:
        head: as it is, or the name of a layer of torch.
        arrays: of the network.

    Raises:
        InputError: if the network has no such arrays.
    """
    bias = f"{head}.bias"
    found = head if isinstance(head, Head) else Head(f"{head}.weight", bias if bias in arrays else "")
    for name in filter(None, (found.weight, found.bias)):
        if name not in arrays:
            raise InputError(f"the network has no parameters {name!r} of a head; it has {', '.join(list(arrays)[:8])}")
    return found


def require_pretrained(head: Head, arrays: Mapping[str, NDArray], prior: Mapping[str, NDArray]) -> None:
    """Refuse a network that differs from the prior below its head.

    Args:
        head: where the last layer is.
        arrays: of the network.
        prior: of the pretrained one.

    Raises:
        InputError: naming the first array that does.
    """
    below = [name for name in arrays if name not in (head.weight, head.bias)]
    for name in below:
        if not np.array_equal(arrays[name], prior[name]):
            raise InputError(
                f"the row head needs layers that the rows have not trained: {name!r} differs from that of the prior"
            )


def head_matrix(head: Head, arrays: Mapping[str, NDArray], outputs: int) -> Float[np.ndarray, "d k"]:
    """Weights of the head, a column for each class, the bias as its last row.

    Args:
        head: where the last layer is.
        arrays: of a network.
        outputs: number of its scores.
    """
    matrix = np.asarray(arrays[head.weight], np.float64)
    matrix = matrix if matrix.shape[1] == outputs and head.features is not None else matrix.T
    if not head.bias:
        return matrix
    return np.vstack([matrix, np.asarray(arrays[head.bias], np.float64)[None]])


def head_inputs(net: Network, layout: Layout, x: NDArray, head: Head) -> Float[np.ndarray, "n d"]:
    """What enters the head, with a constant for its bias.

    Args:
        net: whose head it is.
        layout: of the rows.
        x: shape (n, p), rows.
        head: where the last layer is.

    Raises:
        InputError: if that is no vector for each row.
    """
    parts = [_entering(net, layout.inputs(x[first : first + BATCH]), head) for first in range(0, len(x), BATCH)]
    found = np.concatenate(parts)
    if found.ndim != 2 or len(found) != len(x) or not np.all(np.isfinite(found)):
        raise InputError(f"features of a head must be finite, of shape ({len(x)}, d), got shape {found.shape}")
    return np.hstack([found, np.ones((len(found), 1))]) if head.bias else found


def _entering(net: Network, inputs: Any, head: Head) -> NDArray[np.float64]:
    if head.features is None:
        return features_of(net, inputs, head.weight.removesuffix(".weight"))
    return np.asarray(head.features(inputs), np.float64)


def require_same_scores(features: NDArray, matrix: NDArray, net: Network, layout: Layout, x: NDArray) -> None:
    """Refuse a head that is not the network's last step.

    Args:
        features: what enters it for the rows.
        matrix: its weights, a column for each class.
        net: the network.
        layout: of the rows.
        x: shape (n, p), the same rows.

    Raises:
        InputError: if it gives other scores.
    """
    own = scores_of(net, layout, x[:BATCH])
    if features.shape[1] != matrix.shape[0] or matrix.shape[1] != own.shape[1]:
        raise InputError(
            f"a head of shape {matrix.shape} does not fit {features.shape[1]} features and {own.shape[1]} scores"
        )
    apart = features[:BATCH] @ matrix - own
    centred = np.abs(apart - apart.mean(axis=1, keepdims=True)).max()  # log-softmax adds one number to all classes
    if centred > SAME_SCORES * max(1.0, float(np.abs(own).max())):
        raise InputError(
            "the head does not give the network's scores: something comes after it, or it is another layer"
        )


def head_row(
    features: Float[np.ndarray, "m d"],
    codes: Int[np.ndarray, " m"],
    weights: Float[np.ndarray, "d k"],
    prior: Float[np.ndarray, "d k"],
    errors: Int[np.ndarray, " n"],
    delta: float,
) -> LedgerRow:
    """The smallest certificate over widths of the noise and margins, all of which are paid.

    Args:
        features: of the rows that certify.
        codes: number of the class of each.
        weights: of the head.
        prior: of the pretrained head.
        errors: of the network on the rows that only measure.
        delta: of the row.
    """
    spread = float(np.sqrt(np.mean(prior**2))) or 1.0
    settings = list(product(WIDTHS, THRESHOLDS))
    found = [
        (length, width, threshold, head_input(features, codes, weights, prior, length, width * spread, threshold))
        for length, (width, threshold) in product(LENGTHS, settings)
    ]
    keys = {"hypotheses": len(settings), "m": len(codes), "delta": delta}
    length, width, threshold, best = min(found, key=lambda each: _size(each[3] | keys))
    inputs = best | keys
    value = evaluate_bound("output_conversion", **inputs)
    choice = {"length": length, "width": width, "threshold": threshold}
    measured = measured_errors(int(errors.sum()), errors.size)
    return LedgerRow(
        "output_conversion", EVERY_HEAD, value.value, value.vacuous, delta, value.terms, inputs, measured, choice
    )


def head_input(
    features: NDArray, codes: NDArray, weights: NDArray, prior: NDArray, length: float, sigma: float, threshold: float
) -> dict[str, float]:
    """Smoothed risk and KL at one setting.

    Args:
        features: shape (m, d).
        codes: shape (m,).
        weights: shape (d, k).
        prior: shape (d, k).
        length: by which the head is stretched.
        sigma: width of the noise.
        threshold: margin in standard deviations of its noise.
    """
    moved = length * weights - prior
    moved -= moved.mean(axis=1, keepdims=True)
    empty = np.linalg.norm(features, axis=1) == 0
    safe = np.where(empty[:, None], 1.0, features)
    smoothed = np.where(empty, 1.0, smoothed_class_errors(safe, codes, length * weights, sigma, threshold))
    risk = min(1.0, upward(float(smoothed.mean())))
    kl = upward(float(np.sum(moved.astype(np.longdouble) ** 2)) / (2 * sigma**2))
    return {"risk": risk, "kl": kl, "threshold": threshold}


def _size(inputs: dict[str, float]) -> float:
    """For comparing: the value of the bound, or the budget where it is vacuous."""
    budget = (inputs["kl"] + log(2 * inputs["m"] ** 0.5 * inputs["hypotheses"] / inputs["delta"])) / inputs["m"]
    if budget > 3:
        return 1 + budget
    value = evaluate_bound("output_conversion", **inputs).value
    return 1 + budget if value is None or value >= 1 else value
