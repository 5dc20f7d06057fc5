import json
import re
from pathlib import Path

import numpy as np
import pytest

from fathometer.attention import ParticleSystem, iterate_layers
from fathometer.cli import run
from fathometer.data import albert_tokens


@pytest.fixture
def hidden(tmp_path, monkeypatch):
    """The tokens of a network sent through layers of the model, and a random control."""
    monkeypatch.chdir(tmp_path)
    states = iterate_layers(ParticleSystem.project(albert_tokens(), 9.0, "sa"), 20, every=10).states["points"]
    control = np.random.default_rng(0).standard_normal((3, 20, 8))
    np.savez(tmp_path / "both.npz", hidden=states, control=control)
    np.savez(tmp_path / "alone.npz", hidden=states)
    np.savez(tmp_path / "one_token.npz", hidden=states[:, :1])
    return states


def layers(*arguments):
    return run(["attention", "layers", *arguments])


@pytest.mark.slow
def test_layers_with_a_control(hidden, capsys):
    assert layers("both.npz", "--beta", "9", "--json", "--out", "results") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["layers"] == [0, 1, 2]
    assert "verdicts" not in document
    gram = hidden @ hidden.transpose(0, 2, 1)
    mean = [(x.sum() - 56) / (56 * 55) for x in gram]
    assert document["observed"]["mean_cosine"]["value"] == pytest.approx(mean)
    assert len(document["histogram"]["density"]) == 3
    assert len(document["control"]["observed"]["mean_cosine"]["value"]) == 3
    assert "mean cosine alone proves nothing" in document["note"]
    assert "No control" not in document["note"]
    assert json.loads(Path("results/attention-layers.json").read_text()) == document


def test_the_table_names_what_is_missing(hidden, capsys):
    assert layers("alone.npz") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "mean cosine alone proves nothing" in text
    assert "No control was given" in text
    assert "centred 95 %" in text
    assert layers("both.npz") == 0
    assert "control" in capsys.readouterr().out


def test_one_token_has_no_cosines(hidden, capsys):
    assert layers("one_token.npz", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["histogram"] is None
    assert document["observed"]["mean_cosine"]["value"] == [None] * 3
    assert layers("one_token.npz") == 0
    shown = capsys.readouterr().out
    assert "does not exist. One token has no pairs" in shown
    assert "nan" not in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["absent.npz"], "no file"), (["both.npz", "--beta", "-1"], "beta must be >= 0"), ([], "HIDDEN")],
)
def test_bad_input_is_one_line(hidden, capsys, arguments, message):
    assert layers(*arguments, "--json") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err)
