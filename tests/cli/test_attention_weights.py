"""`attention simulate` and `attention layers` with the weights of a layer."""

import json
import re

import numpy as np
import pytest

from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.variants import Normalization, iterate_variant
from fathometer.attention.dynamics.weights import RandomValues, read_layer, simulate_random_values
from fathometer.cli import run
from fathometer.cli.attention.runs._weights import read_weights

SIMULATE = "attention simulate --uniform 6,3 --beta 2 --time 3 --saves 3 --json".split()


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Matrices, a layer with two heads and an MLP, and hidden states that it made."""
    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(0).standard_normal
    np.save("twice.npy", 2 * np.eye(3))
    np.save("value.npy", np.eye(3) + np.eye(3, k=1))
    np.save("wide.npy", np.ones((3, 2)))
    np.savez("mlp.npz", up=draw((4, 3)), down=draw((3, 4)), activation="relu")
    rows = {name: draw((4, 3)) for name in ("query", "key", "value")}
    np.savez("layer.npz", **rows, output=draw((3, 4)), heads=2, mlp_up=draw((5, 3)), mlp_down=draw((3, 5)) / 4)
    layer = read_layer(tmp_path / "layer.npz")
    variant = layer.of(ParticleSystem.uniform(6, 3, 1.5, "sa", 0), normalization=Normalization.PRE)
    made = iterate_variant(variant, 2, 1.0)
    np.savez("hidden.npz", hidden=made.states["points"] * made.states["radii"][..., None])
    return tmp_path


def simulated(capsys, *options):
    code = run([*SIMULATE, *options])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--query", "twice.npy", "--weights", "layer.npz"], "give either --weights LAYER.npz or --query"),
        (["--query", "wide.npy"], r"query must have shape \(3, 3\)"),
        (["--value", "random:0"], "DT of random:DT must be > 0"),
        (["--value", "random:soon"], r"--value must be W.npy or random:DT with a time DT above 0, got 'random:soon'"),
        (["--value", "random:1", "--kappa", "3"], "one kind of noise at a time"),
        (["--value", "random:1", "--normalization", "pre"], "post or ngpt"),
        (["--value", "no.npy"], "no file 'no.npy'"),
        (["--mlp", "hidden.npz"], r"arrays that are not known: \['mlp_hidden'\]"),
        (["--weights", "mlp.npz"], r"arrays that are not known: \['activation', 'down', 'up'\]"),
        (["--value", "value.npy", "--engine", "large"], "plain engine in float64 only, got large"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(files, capsys, options, message):
    assert run([*SIMULATE, *options]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert re.search(message, err), err


def test_layers_options_go_with_weights(files, capsys):
    assert run(["attention", "layers", "hidden.npz", "--causal"]) == 2
    assert "go with --weights" in capsys.readouterr().err
    assert run(["attention", "layers", "hidden.npz", *["--weights", "layer.npz"] * 3]) == 2
    assert "one layer or one for each of 2 steps, got 3" in capsys.readouterr().err


def test_an_mlp_replaces_that_of_a_layer_or_leaves_it_out(files):
    assert read_weights(None, None, None, files / "layer.npz", "none").layer.mlp is None
    asked = read_weights(None, None, "random:0.5", None, "mlp.npz")
    assert asked.layer.mlp.activation == "relu"
    assert (asked.redraw, asked.layer.value) == (0.5, None)
    assert read_weights(None, None, None, None, None).plain


@pytest.mark.slow
def test_the_weights_that_made_hidden_states_explain_them(files, capsys):
    arguments = ["attention", "layers", "hidden.npz", "--beta", "1.5", "--weights", "layer.npz"]
    assert run([*arguments, "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [step["weights"]["explained"] for step in steps] == pytest.approx([1, 1])
    assert max(step["plain"]["explained"] for step in steps) < 0.9
    recorded = [step["mean_cosine"]["recorded"] for step in steps]
    assert [step["mean_cosine"]["weights"] for step in steps] == pytest.approx(recorded)
    assert steps[0]["distances"]["values_from_multiples_of_identity"] > 0.5


@pytest.mark.slow
def test_layers_are_drawn(files, capsys):
    arguments = ["attention", "layers", "hidden.npz", "--beta", "1.5", "--weights", "layer.npz"]
    assert run([*arguments, "--figure", "steps.svg"]) == 0
    assert "weights as" in capsys.readouterr().out
    assert (files / "steps.svg").read_text().startswith("<?xml")


@pytest.mark.slow
def test_a_run_with_weights_says_which_and_by_how_much_theorems_do_not_apply(files, capsys):
    code, document = simulated(capsys, "--value", "value.npy")
    assert code == 3
    assert document["weights"]["value"]["shape"] == [3, 3]
    assert document["weights"]["distances"]["values_from_multiples_of_identity"] == pytest.approx(np.sqrt(2 / 5))
    plain = next(v for v in document["verdicts"] if v["theorem"] == "energy_increases")
    assert (plain["status"], plain["margin"]) == ("INAPPLICABLE", pytest.approx(-np.sqrt(2 / 5)))
    code, document = simulated(capsys, "--query", "twice.npy", "--value", "twice.npy")
    assert code == 0
    status = {v["theorem"]: v["status"] for v in document["verdicts"]}
    assert status["energy_increases"] == status["weighted_energy"] == "HOLDS"
    code, document = simulated(capsys, "--weights", "layer.npz", "--normalization", "ngpt")
    assert document["weights"]["heads"] == 2
    assert document["weights"]["distances"]["mlp_and_bias_share"] > 0


@pytest.mark.slow
def test_random_values_are_those_of_the_library(files, capsys):
    code, document = simulated(capsys, "--value", "random:0.5", "--seed", "4")
    assert code == 0
    assert document["weights"]["value"] == "random:0.5"
    system = ParticleSystem.uniform(6, 3, 2.0, "sa", 4)
    times = np.append(0.0, 3 * np.geomspace(1e-4, 1, 3))
    points = simulate_random_values(RandomValues(system, 0.5), times, seed=4).states["points"][-1]
    expected = (np.sum(points @ points.T) - 6) / 30
    assert document["observed"]["mean_cosine"]["value"][-1] == pytest.approx(expected)
    assert document["observed"]["antipodal_pairs"]["value"][0] == 0
