"""What `attention collapse`, `simulate` and `threshold` say about a collapse that is certain."""

import json

import numpy as np
import pytest

from fathometer.attention.figures import LayerThreshold
from fathometer.cli import run
from fathometer.cli.attention import threshold
from fathometer.evidence import InputError
from tests.oracles.attention import circle


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("square.npy", circle(0, np.pi / 2, np.pi, 3 * np.pi / 2))
    np.save("pair.npy", circle(0, 1.0))


def answered(capsys, arguments, code=0):
    assert run([*arguments.split(), "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_collapse_says_by_when_or_why_not(capsys):
    document = answered(capsys, "attention collapse --points pair.npy --beta 30 --model usa")
    certified = document["certified"]
    assert set(certified) == {"log_time", "rate", "from_log_time"}
    assert document["log_time_of_collapse"]["value"] <= certified["log_time"]
    assert document["late_rate"]["measured"]["value"] == pytest.approx(1, abs=1e-4)
    at_rest = answered(capsys, "attention collapse --points square.npy --beta 5")
    assert at_rest["certified"] is None
    assert at_rest["not_certified"]


@pytest.mark.slow
def test_simulate_says_by_when_or_why_not(capsys):
    document = answered(capsys, "attention simulate --points pair.npy --beta 1 --time 1 --saves 11")
    assert document["certified"]["log_time"] > 0  # known before it happens, from a run that ends before
    assert document["late_rate"]["measured"]["value"] == pytest.approx(1, abs=1e-4)
    variant = answered(capsys, "attention simulate --points pair.npy --beta 1 --time 1 --saves 11 --causal")
    assert variant["not_certified"] == "the cone lemma is about the plain model"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "give one of HIDDEN.npz"),
        ("--points pair.npy --uniform 3,2", "give one of HIDDEN.npz"),
        ("--points pair.npy --layers 0", "go with HIDDEN.npz only"),
        ("--points pair.npy --beta 1,2", "must be LO,HI,N"),
        ("--points pair.npy --beta 0,2,3", "LO of --beta"),
        ("--points pair.npy --horizon 0 --beta 1,2,2", "horizon"),
    ],
)
def test_bad_input_of_threshold_is_one_line(capsys, arguments, said):
    assert run(["attention", "threshold", *arguments.split()]) == 2
    assert said in capsys.readouterr().err


def test_the_threshold_of_tokens_at_rest_is_none(capsys):
    document = answered(capsys, "attention threshold --points square.npy --beta 1,2,2")
    assert document["beta_exp"] is None
    assert [one["beta"] for one in document["measured"]] == pytest.approx([1, 2])
    assert document["layers"] is None


def test_layers_are_chosen_and_fitted():
    states = np.random.default_rng(0).standard_normal((3, 4, 5))
    assert threshold._chosen(None, 3) == [0, 1, 2]
    assert threshold._chosen("0,2", 3) == [0, 2]
    assert threshold._fitted("2.5", states, [0, 2]) == [2.5, 2.5]
    fitted = threshold._fitted(None, states, [0, 2])
    assert fitted[1] is None
    with pytest.raises(InputError, match="one number or 2"):
        threshold._fitted("1,2,3", states, [0, 2])


@pytest.mark.slow
def test_every_layer_of_a_network_has_its_thresholds(capsys):
    points = np.stack([circle(0, gap) for gap in (1.0, 0.8)])
    np.savez("hidden.npz", hidden=points)
    document = answered(capsys, "attention threshold hidden.npz --beta 1,20,2 --figure layers.png")
    assert [one["layer"] for one in document["layers"]] == [0, 1]
    assert document["layers"][0]["beta_exp"] == document["beta_exp"]
    assert document["layers"][1]["fitted_beta"] is None
    assert LayerThreshold._fields == ("layer", "threshold", "fitted_beta")
