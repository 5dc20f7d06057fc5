"""Networks that were trained by others: ALBERT on reactions, MiniLM on English."""

import re

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network import recorded_texts, wrap
from fathometer.network.recording import ids_in_file, lines_in_file, random_weights
from tests.network.torch.families import Kept

REACTIONS = (
    "CC(=O)Cl.NCc1ccccc1.CCN(CC)CC>>CC(=O)NCc1ccccc1.O=C(O)c1ccc(Br)cc1.OB(O)c1ccccc1>>O=C(O)c1ccc(-c2ccccc2)cc1"
)
TOKEN = re.compile(r"\[[^\]]+\]|Br?|Cl?|>>|%\d{2}|[A-Za-z]|[0-9.()=#\-+\\/:~@?>*$]")
ENERGIES = (0.01496, 0.01345, 0.01241, 0.01236, 0.01253, 0.01289, 0.01325, 0.01352, 0.01394, 0.01456, 0.01535, 0.01621)
LAST = 0.01677


@pytest.fixture(scope="module")
def albert(models):
    return wrap(models / "albert")


@pytest.fixture(scope="module")
def ids(models):
    words = {word: i for i, word in enumerate((models / "albert" / "vocab.txt").read_text().splitlines())}
    return [words[word] for word in ["[CLS]", *TOKEN.findall(REACTIONS), "[SEP]"]]


def energy(tokens, beta=9.0):
    points = tokens.astype(np.float64)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return np.exp(beta * (points @ points.T - 1)).mean()


def test_albert_is_recorded_as_it_computes_with_the_energies_of_the_reference(albert, ids):
    kept = Kept("pattern", "attended")
    seen = recorded_texts(albert, [ids], [kept], keep_special=True)
    assert len(ids) == len(kept.passages[0].before) == 105
    assert len(seen.integrity) == 24
    assert max(seen.integrity.values()) <= 1e-5
    assert tuple(round(energy(p.before), 5) for p in kept.passages) == ENERGIES
    assert round(energy(kept.passages[-1].after), 5) == LAST
    assert kept.passages[0].pattern.shape == (8, 105, 105)


def test_special_tokens_of_albert_are_those_of_its_own_files(albert, ids):
    kept = Kept()
    seen = recorded_texts(albert, [ids], [kept])
    assert len(kept.passages[0].before) == 103
    assert seen.notes[0] == "padding and special tokens are left out: ids 0, 12, 13, 14 of the tokenizer"


def test_albert_goes_on_beyond_its_depth_where_clusters_form(albert, ids):
    kept = Kept()
    recorded_texts(albert, [ids], [kept], iterate=36)
    assert len(kept.passages) == 36
    assert energy(kept.passages[-1].after) > energy(kept.passages[20].after) > energy(kept.passages[11].after)


def test_albert_with_random_weights_collapses_further_than_the_trained_one(albert, ids):
    kept = Kept()
    recorded_texts(random_weights(albert, 7), [ids], [kept], keep_special=True)
    assert energy(kept.passages[-1].after) > 3 * LAST


def test_minilm_reads_lines_by_its_own_tokenizer(models, tmp_path):
    net, kept = wrap(models / "minilm"), Kept()
    (tmp_path / "lines.txt").write_text("The cat sat on the mat.\n\nDepth is time.\n", encoding="utf-8")
    texts = lines_in_file(tmp_path / "lines.txt", net)
    assert [len(text) for text in texts] == [9, 6]
    seen = recorded_texts(net, texts, [kept], batch=2)
    assert len(seen.integrity) == 12
    assert max(seen.integrity.values()) <= 1e-5
    assert [len(p.before) for p in kept.passages[:2]] == [7, 4]
    assert seen.notes[0].endswith("ids 0, 101, 102, 103 of the tokenizer")


def test_a_folder_without_a_whole_tokenizer_asks_for_ids(albert, ids, tmp_path):
    (tmp_path / "lines.txt").write_text("CCO\n")
    with pytest.raises(InputError, match="does not load: give token ids") as refused:
        lines_in_file(tmp_path / "lines.txt", albert)
    assert "\n" not in str(refused.value)
    np.savez(tmp_path / "ids.npz", input_ids=[ids, ids], attention_mask=[[1] * 105, [1] * 50 + [0] * 55])
    assert [len(text) for text in ids_in_file(tmp_path / "ids.npz")] == [105, 50]
