"""Memory, names of sites, masks and files of ids, as people write them."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network.recording import ids_in_file, shuffled, texts_of
from fathometer.network.recording._integrity import check, continuity, differences
from fathometer.network.recording._masks import kept_tokens
from fathometer.network.recording._memory import bytes_of, text_bytes
from fathometer.network.recording._sites import Sites
from fathometer.network.recording._texts import padded

STATES = np.random.default_rng(0).standard_normal((3, 1, 2, 4))


@pytest.mark.parametrize(
    ("written", "size"), [("2GiB", 2**31), ("500 MB", 5e8), ("1.5kb", 1500), (7, 7), ("10B", 10), ("1 tib", 2**40)]
)
def test_memory_is_read(written, size):
    assert bytes_of(written) == size


@pytest.mark.parametrize("written", ["", "2 GiBs", "-1GB", "0", "much", "1e3MB", None])
def test_memory_that_is_none_is_refused(written):
    with pytest.raises(InputError, match="memory must be a positive number with a unit"):
        bytes_of(written)


def test_memory_is_written():
    assert [text_bytes(size) for size in (5, 2048, 3 * 2**30)] == ["5 B", "2 KiB", "3 GiB"]


def test_sites_are_patterns():
    sites = Sites.read("blocks.3.resid_pre, final_norm.*")
    assert sites.match("blocks.3.resid_pre")
    assert not sites.match("blocks.13.resid_pre")
    assert sites.match_block(3)
    assert not sites.match_block(4)
    assert Sites.read("residual").match_block(9)
    assert not Sites.read("residual").match("blocks.1.attn_out")
    assert Sites.read(["encoder.layer.*"]).match_block(1)
    assert not Sites.read(()).match("blocks.0.resid_pre")
    with pytest.raises(InputError, match="names or patterns"):
        Sites.read([3])


def test_padding_and_special_tokens_are_left_out():
    ids = np.array([[1, 5, 6, 2, 0], [1, 7, 2, 0, 0]])
    assert [list(kept) for kept in kept_tokens(ids, ids != 0, {1, 2})] == [[1, 2], [1]]
    assert [list(kept) for kept in kept_tokens(None, ids != 0, {1, 2})] == [[0, 1, 2, 3], [0, 1, 2]]
    assert kept_tokens(None, None, {1}) is None


def test_files_of_ids_are_texts(tmp_path):
    np.savez(tmp_path / "many.npz", a=[1, 2, 3], b=[4, 5])
    np.savez(tmp_path / "masked.npz", ids=[[1, 2, 3], [4, 5, 0]], attention_mask=[[1, 1, 1], [1, 1, 0]])
    for name in ("many", "masked"):
        assert [text.tolist() for text in ids_in_file(tmp_path / f"{name}.npz")] == [[1, 2, 3], [4, 5]]


def test_images_in_a_file_come_one_by_one(tmp_path):
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    np.savez(tmp_path / "images.npz", pixel_values=images)
    found = ids_in_file(tmp_path / "images.npz")
    assert [batch["pixel_values"].shape for batch in found] == [(1, 3, 2, 2)] * 2
    assert np.array_equal(np.concatenate([batch["pixel_values"] for batch in found]), images)


def test_files_that_hold_no_ids_are_refused(tmp_path):
    (tmp_path / "broken.npz").write_bytes(b"PK nothing")
    np.savez(tmp_path / "floats.npz", ids=[[0.5, 1.0]])
    np.savez(tmp_path / "apart.npz", ids=[[1, 2]], attention_mask=[[1]])
    np.savez(tmp_path / "empty.npz")
    for name, message in (
        ("broken", "is not an npz archive of plain arrays"),
        ("absent", "no file"),
        ("floats", "text 0 must be a sequence of token ids"),
        ("apart", r"attention_mask must have the shape \(1, 2\)"),
        ("empty", "at least one text"),
    ):
        with pytest.raises(InputError, match=message):
            ids_in_file(tmp_path / f"{name}.npz")


def test_texts_of_different_lengths_are_padded():
    ids, mask = padded(texts_of([[1, 2, 3], [4]]), 9)
    assert ids.tolist() == [[1, 2, 3], [4, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]


def test_shuffled_texts_keep_their_special_tokens_and_words():
    text = np.array([1, *range(10, 30), 2])
    (mixed,) = shuffled([text], special=[1, 2], seed=3)
    assert (mixed[0], mixed[-1]) == (1, 2)
    assert sorted(mixed) == sorted(text)
    assert not np.array_equal(mixed, text)
    with pytest.raises(InputError, match="token ids"):
        shuffled([np.ones((2, 2))])


def recorded(shift=0.0):
    found = {"blocks.0.resid_pre": STATES[0], "blocks.0.resid_post": STATES[1]}
    return found | {"blocks.1.resid_pre": STATES[1] + shift, "blocks.1.resid_post": STATES[2]}


def test_what_is_recorded_is_compared_with_the_networks_own():
    assert set(differences(recorded(), STATES).values()) == {0.0}
    check(differences(recorded(5e-6), STATES))
    with pytest.raises(InputError, match=r"blocks.1.resid_pre differs from the network's own hidden states by 0.001"):
        check(differences(recorded(1e-3 * np.abs(STATES[1]).max()), STATES))
    with pytest.raises(InputError, match="2 blocks were recorded, but the network has 4 hidden states"):
        differences(recorded(), [*STATES, STATES[0]])
    with pytest.raises(InputError, match="by inf"):
        check(differences(recorded(), STATES[:, :, :1]))
    with pytest.raises(InputError, match="by nan"):
        check(differences(recorded(np.nan), STATES))


def test_the_last_state_may_be_behind_the_final_norm():
    own = [*STATES[:2], STATES[2] / 7]
    found = differences({**recorded(), "final_norm.post": STATES[2] / 7}, own)
    assert found["final_norm.post"] == 0
    assert "blocks.1.resid_post" not in found
    assert differences({**recorded(), "final_norm.post": STATES[2] * 7}, own)["blocks.1.resid_post"] > 0.1


def test_blocks_that_follow_each_other_are_told_from_others():
    assert continuity(recorded()) == {"blocks.1.resid_pre": 0.0}
    assert continuity(recorded(1.0))["blocks.1.resid_pre"] > 0.1


def test_ids_must_be_one_row_a_text(tmp_path):
    np.savez(tmp_path / "ids.npz", input_ids=np.ones((2, 3, 4), dtype=int))
    with pytest.raises(InputError, match=r"input_ids must have the shape \(texts, n\), got \(2, 3, 4\)"):
        ids_in_file(tmp_path / "ids.npz")
