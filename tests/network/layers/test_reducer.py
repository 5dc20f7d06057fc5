"""A reducer sees the same whatever the order of texts, keeps what fits, and refuses what is out of order."""

import tracemalloc

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network.layers import LayersReducer, layers_report
from fathometer.network.layers._controls import OtherTexts
from fathometer.network.recording import Passage

from .tokens import cloud, seen, text_of_the_model, way

TEXTS = [text_of_the_model(text, noise=0.05) for text in range(4)]
ONE_BY_ONE = [passage for text in TEXTS for passage in text]
AS_A_BATCH = [text[block] for block in range(3) for text in TEXTS]


def rows(passages, **options):
    """The sites of a report."""
    return layers_report(seen(passages, **options), judged=0).to_json()["sites"]


def test_texts_may_come_one_by_one_or_as_a_batch():
    assert (
        rows(ONE_BY_ONE)
        == rows(AS_A_BATCH)
        == rows([*ONE_BY_ONE[:6], *[text[b] for b in range(3) for text in TEXTS[2:]]])
    )


def test_two_batches_are_told_apart():
    two = [text[block] for half in (TEXTS[:2], TEXTS[2:]) for block in range(3) for text in half]
    assert rows(two) == rows(ONE_BY_ONE)


def test_states_are_kept_as_long_as_they_fit():
    size = sum(p.after.nbytes for p in TEXTS[0]) + TEXTS[0][0].before.nbytes
    reducer = seen(ONE_BY_ONE, memory=5 * size)
    assert set(reducer.whole()) == {0, 1}
    assert [len(states) for states in reducer.whole().values()] == [4, 4]
    assert seen(ONE_BY_ONE, keep_states=False).whole() == {}
    report = layers_report(reducer, judged=0)
    np.testing.assert_allclose(report.trajectory(1).states["points"][2], TEXTS[1][2].before)
    with pytest.raises(InputError, match=r"states of text 3 were not kept; kept: \[0, 1\]"):
        report.trajectory(3)


def test_tokens_for_fits_of_heads_are_halved_when_they_do_not_fit():
    pattern = np.full((2, 12, 12), 1 / 12)
    passages = way(0, [cloud(12, 4, k) for k in range(3)], pattern=pattern)
    plenty, few = seen(passages), seen(passages, memory=3000)
    assert len(plenty.steps[1][0].heads.along) == 12
    assert few.sample < 12
    assert all(len(steps[0].heads.along) == few.sample for steps in few.steps.values())
    assert sum(steps[0].sampled for steps in few.steps.values()) <= 1500


def test_a_single_token_has_no_pair_and_is_left_out():
    reducer = seen([*way(7, [cloud(1, 4, k) for k in range(3)]), *ONE_BY_ONE])
    assert reducer.texts == [0, 1, 2, 3]


def test_a_text_that_did_not_come_to_its_end_is_dropped():
    reducer = seen([*ONE_BY_ONE, *text_of_the_model(9)[:2]])
    reducer.drop(9)
    assert reducer.texts == [0, 1, 2, 3]
    assert layers_report(reducer, judged=0).to_json()["sites"] == rows(ONE_BY_ONE)


def test_some_blocks_alone_can_be_seen():
    part = [Passage(p.text, p.block + 5, p.before, p.after, False) for p in ONE_BY_ONE]
    names = [row["site"] for row in rows(part)]
    assert names == ["blocks.5.resid_pre", "blocks.6.resid_pre", "blocks.7.resid_pre", "blocks.7.resid_post"]


def test_blocks_out_of_order_are_refused():
    with pytest.raises(InputError, match="text 0 must pass every block from 0 on, one after another"):
        seen([TEXTS[0][0], TEXTS[0][2]])


def most_memory(n):
    """The most that looking at one passage of n tokens takes."""
    passage = way(0, [cloud(n, 16, 1), cloud(n, 16, 2)])[0]
    tracemalloc.start()
    seen([passage], keep_states=False)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_memory_grows_like_the_tokens_and_not_like_their_pairs():
    assert most_memory(1400) < 2.5 * most_memory(700)


def test_nothing_seen_is_refused():
    with pytest.raises(InputError, match="no text of two or more tokens went through all blocks"):
        layers_report(LayersReducer())


def test_tokens_that_are_not_finite_are_named():
    with pytest.raises(InputError, match="text 3 at block 0"):
        seen([Passage(3, 0, np.full((2, 2), np.nan), np.eye(2), False)])


@pytest.mark.parametrize("order", [ONE_BY_ONE, AS_A_BATCH])
def test_tokens_of_another_text_explain_less(order):
    own, other = LayersReducer(), LayersReducer(keep_states=False)
    control = OtherTexts(other)
    for passage in order:
        own.see(passage)
        control.see(passage)
    report = layers_report(own, other, "text", judged=0)
    assert other.texts == [1, 2, 3]
    for site, beside in zip(report.sites[:-1], report.control, strict=False):
        assert beside.step.explained.value < site.step.explained.value - 0.1
    assert "the control is of 3 texts" in report.notes
