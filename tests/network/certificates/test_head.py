"""A last layer near a pretrained one: the conversion through the output, against draws and against forgeries."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network.certificates import Head, certify
from fathometer.network.certificates._head import head_input
from tests.network.certificates.networks import in_numpy, rows, scores, start, trained

SAW = np.arange(1500)
HEAD = Head("b", features=lambda x: np.tanh(x @ start(0)["a"]))


def tuned():
    x, y = rows(2000, 1)
    prior = {**start(0), "b": trained(*rows(500, 2), start(0), steps=600)["b"]}
    hidden = np.tanh(x[SAW] @ prior["a"])
    scale = np.linalg.lstsq(hidden, np.eye(3)[y[SAW]] * 4, rcond=None)[0]
    return x, y, prior, {**prior, "b": 0.5 * prior["b"] + 0.5 * scale}


def test_a_head_is_certified_by_the_rows_that_trained_it():
    x, y, prior, net = tuned()
    made = certify((scores, net), x, y, saw=SAW, prior=prior, rows=("head",), head=HEAD)
    row = made.certificate.head.row
    risk = np.mean(in_numpy(net, x[SAW]).argmax(axis=1) != y[SAW])
    assert risk < row.value < 1
    assert row.inputs["m"] == 1500


def test_the_smoothed_risk_is_above_that_of_draws():
    x, y, prior, net = tuned()
    hidden, sigma = np.tanh(x[:40] @ prior["a"]), 0.3
    stated = head_input(hidden, y[:40], net["b"], prior["b"], 1.0, sigma, 0.5)
    rng, below = np.random.default_rng(0), 0.0
    widths = np.sqrt(2) * sigma * np.linalg.norm(hidden, axis=1) * 0.5
    for _ in range(2000):
        noisy = hidden @ (net["b"] + sigma * rng.standard_normal(net["b"].shape))
        right = noisy[np.arange(40), y[:40]]
        noisy[np.arange(40), y[:40]] = -np.inf
        below += np.mean(right - noisy.max(axis=1) <= widths) / 2000
    assert below - 0.02 <= stated["risk"] <= 2 * below + 0.02


def test_layers_below_that_were_trained_are_refused():
    x, y, prior, net = tuned()
    with pytest.raises(InputError, match="'a' differs from that of the prior"):
        certify((scores, {**net, "a": net["a"] + 1}), x, y, saw=SAW, prior=prior, rows=("head",), head=HEAD)
    other = Head("b", features=lambda x: np.tanh(x @ start(5)["a"]))
    with pytest.raises(InputError, match="does not give the network's scores"):
        certify((scores, net), x, y, saw=SAW, prior=prior, rows=("head",), head=other)
