"""Numbers of a tree of JAX that are no floating array: those that follow from a shape pass, a memory does not."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network.adapters import wrap
from fathometer.network.adapters._elsewhere import numbers_elsewhere
from fathometer.network.certificates import certify


def scores(parameters, x):
    return np.asarray(x) @ parameters["w"]


def elsewhere(**more):
    return numbers_elsewhere(wrap((scores, {"w": np.ones((2, 2)), **more})))


@pytest.mark.parametrize(
    "plain",
    [np.arange(7), np.zeros(9, int), np.int32(3), np.tri(4, dtype=bool), 1 - np.tri(4, dtype=int), 8, [1] * 16, None],
)
def test_shapes_positions_and_masks_pass(plain):
    assert elsewhere(held=plain) == ""


@pytest.mark.parametrize(
    ("memory", "name"),
    [
        (np.array([0, 1, 1, 0]), "held"),
        (np.array([False, True, True]), "held"),
        (np.array([0.5 + 1j]), "held"),
        (0.25, "held"),
        ([1] * 17, "held.16"),
    ],
)
def test_what_could_remember_is_named(memory, name):
    assert elsewhere(held=memory) == name


def test_a_table_of_labels_is_no_free_part_of_a_code():
    """Each row asks for its own toss by its number: without the refusal its code would cost nothing."""
    x, y = np.arange(120.0)[:, None], np.random.default_rng(0).integers(0, 2, 120)

    def remembered(parameters, rows):
        return np.eye(2)[parameters["tosses"][np.asarray(rows)[:, 0].astype(int)]] * parameters["w"]

    net = (remembered, {"w": np.ones(1), "tosses": np.where(np.arange(120) < 60, y, 0)})
    with pytest.raises(InputError, match="every number of the network: those of 'tosses'"):
        certify(net, x, y, saw=np.arange(60), rows=("held_out", "code"))
