"""Functions of JAX show what passes their blocks by taps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network import record, recorded_texts, tap, wrap
from fathometer.network.recording import Centred, controlled

RNG = np.random.default_rng(0)
PARAMETERS = {"embedding": RNG.standard_normal((20, 4)), "mix": RNG.standard_normal((2, 4, 4))}


def network(parameters, ids):
    """Two blocks of causal attention, in NumPy: nothing to compile."""
    x = tap("blocks.0.resid_pre", parameters["embedding"][ids])
    for i, mix in enumerate(parameters["mix"]):
        weights = np.tril(np.exp(x @ x.swapaxes(-1, -2)))
        pattern = tap(f"blocks.{i}.pattern", (weights / weights.sum(axis=-1, keepdims=True))[..., None, :, :])
        added = tap(f"blocks.{i}.attn_out", pattern[..., 0, :, :] @ x @ mix)
        x = tap(f"blocks.{i}.resid_post", x + added)
    return tap("final_norm.post", x / np.linalg.norm(x, axis=-1, keepdims=True))


class Kept:
    asks = ("pattern", "attended")

    def __init__(self):
        self.passages = []

    def see(self, passage):
        self.passages.append(passage)


NET = wrap((network, PARAMETERS))


def test_a_tap_returns_its_value_and_does_nothing_without_a_recorder():
    value = object()
    assert tap("anything", value) is value


def test_blocks_are_put_together_from_taps():
    kept = Kept()
    with record(NET, reducers=[kept], keep="final_norm.post") as seen:
        NET.model(np.array([1, 2, 3]))
        NET.model(np.array([[4, 5], [6, 7]]))
    assert [(p.text, p.block, p.before.shape) for p in kept.passages] == [
        (0, 0, (3, 4)),
        (0, 1, (3, 4)),
        (1, 0, (2, 4)),
        (2, 0, (2, 4)),
        (1, 1, (2, 4)),
        (2, 1, (2, 4)),
    ]
    first, second = kept.passages[:2]
    assert np.allclose(first.before, PARAMETERS["embedding"][[1, 2, 3]])
    assert np.array_equal(first.after, second.before)
    assert np.allclose(first.before + first.attended, first.after)
    assert first.causal
    assert first.pattern.shape == (1, 3, 3)
    assert (seen.texts, seen.blocks) == (3, 2)
    assert [states.shape for states in seen.states["final_norm.post"]] == [(3, 4), (2, 4), (2, 4)]


def test_special_tokens_of_texts_are_left_out():
    kept = Kept()
    seen = recorded_texts(NET, [[0, 5, 6, 7, 0], [0, 1, 2, 0], [3, 3]], [kept], batch=2, special=[0])
    assert [p.before.shape[0] for p in kept.passages] == [3, 3, 2, 2, 2, 2]
    assert seen.notes[0].endswith("ids 0 of the caller")


@pytest.mark.parametrize("control", ["random", "centred", "shuffled"])
def test_controls_of_functions(control):
    own, other = Kept(), Kept()
    recorded_texts(NET, [[5, 6, 7, 8, 9, 10]], [own])
    net, texts, reducers = controlled(control, NET, [np.array([5, 6, 7, 8, 9, 10])], [other], 1)
    recorded_texts(net, texts, reducers)
    a, b = own.passages[0].before, other.passages[0].before
    assert not np.allclose(a, b)
    same = {
        "random": sorted(net.parameters["mix"].ravel()) == sorted(PARAMETERS["mix"].ravel()),
        "centred": np.allclose(a - a.mean(axis=0), b),
        "shuffled": np.allclose(np.sort(a, axis=0), np.sort(b, axis=0)),
    }
    assert same[control]


def test_unknown_controls_and_other_frameworks_are_refused():
    with pytest.raises(InputError, match="control must be one of random, centred"):
        controlled("none", NET, [], [])
    with pytest.raises(InputError, match="only value matrices of torch"):
        controlled("random-values", NET, [], [])
    with pytest.raises(InputError, match="only networks of torch can be iterated"):
        recorded_texts(NET, [[1, 2]], [], iterate=9)


def test_a_centred_reducer_asks_for_what_its_reducer_asks():
    assert Centred(Kept()).asks == Kept.asks


def test_traced_values_are_refused():
    with record(NET, reducers=[]), pytest.raises(InputError, match=r"blocks.0.resid_pre is traced: do not jit"):
        jax.jit(lambda x: tap("blocks.0.resid_pre", x))(np.ones((2, 3)))


def test_arrays_of_jax_in_half_precision_become_single():
    kept = Kept()
    with record(NET, reducers=[kept], causal=True) as seen:
        tap("blocks.0.resid_pre", jnp.ones((2, 3), dtype=jnp.bfloat16))
        tap("blocks.0.resid_post", jnp.zeros((2, 3)))
    assert kept.passages[0].before.dtype == np.float32
    assert kept.passages[0].causal
    assert seen.blocks == 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["blocks.0.resid_post"], r"blocks.0.resid_post was tapped, but block 0 is due"),
        (["blocks.0.resid_pre", "blocks.1.resid_post"], "block 0 is due"),
        (["blocks.x.resid_pre"], "a tap must be blocks.I"),
        (["layer"], "a tap must be blocks.I with one of"),
    ],
)
def test_taps_out_of_order_are_refused(names, message):
    with record(NET, reducers=[]):
        for name in names[:-1]:
            tap(name, np.ones((2, 3)))
        with pytest.raises(InputError, match=message):
            tap(names[-1], np.ones((2, 3)))


def test_a_block_that_changes_the_width_is_refused():
    with record(NET, reducers=[]):
        tap("blocks.0.resid_pre", np.ones((2, 3)))
        with pytest.raises(InputError, match=r"gives shape \(1, 2, 4\), it takes \(1, 2, 3\)"):
            tap("blocks.0.resid_post", np.ones((2, 4)))


def test_a_function_without_taps_is_refused():
    with pytest.raises(InputError, match="nothing was recorded"):
        recorded_texts((lambda p, ids: p["embedding"][ids], PARAMETERS), [[1, 2]], [])


def test_a_centred_reducer_hands_on_what_is_interrupted():
    class Dropping(Kept):
        def drop(self, text):
            self.dropped = text

    told = Dropping()
    Centred(told).drop(3)
    Centred(Kept()).drop(3)  # it has nothing to forget
    assert told.dropped == 3
