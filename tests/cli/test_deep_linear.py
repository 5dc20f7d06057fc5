"""`deep-linear train` and `deep-linear figure`, from the command line."""

import json
import re

import numpy as np
import pytest

from fathometer.cli import run

TRAIN = "deep-linear train --data good.csv --target y --depth 3"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    features = rng.standard_normal((30, 2))
    target = features @ [1.0, -2.0] + 0.1 * rng.standard_normal(30)
    rows = "\n".join(f"{a},{b},{y}" for (a, b), y in zip(features, target, strict=True))
    (tmp_path / "good.csv").write_text(f"a,b,y\n{rows}\n")
    np.save(tmp_path / "readout.npy", np.array([1.0, -1.0]))
    return tmp_path


def document(capsys, command, code):
    assert run([*command.split(), "--json"]) == code
    return json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))


@pytest.mark.slow
def test_training_ends_with_observables_and_verdicts(files, capsys):
    result = document(capsys, f"{TRAIN} --width 4 --init gaussian:0.6 --step 0.02 --steps 3000", 0)
    assert result["excess_risk"]["value"] < 1e-15
    assert result["sharpness"]["value"] >= result["law"]["s_min"]["value"]
    assert {v["theorem"] for v in result["verdicts"]} == {
        "sharpness_lower_bound",
        "minimal_sharpness_exact",
        "minimal_sharpness_bracket",
        "imbalance_increment",
        "local_lojasiewicz",
        "imbalance_drift_bound",
        "certified_descent",
        "descent_limit",
        "descent_stability",
        "descent_rate",
    }
    assert {v["status"] for v in result["verdicts"]} == {"HOLDS"}
    assert (result["init"], result["width"], result["step"], result["steps"]) == ("gaussian:0.6", 4, 0.02, 3000)
    assert result["provenance"]["seed"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("momentum", ["heavy-ball:0.5", "nesterov:0.5"])
def test_training_with_momentum(files, capsys, momentum):
    result = document(capsys, f"{TRAIN} --init gaussian:0.6 --step 0.02 --steps 2000 --momentum {momentum}", 0)
    assert result["momentum"] == momentum
    assert result["verdicts"][-1]["theorem"] == "momentum_stability"
    assert {v["status"] for v in result["verdicts"]} == {"HOLDS"}


def test_training_on_mini_batches(files, capsys):
    """The noise of the labels keeps it away from the minimum."""
    result = document(capsys, f"{TRAIN} --init gaussian:0.6 --step 0.02 --steps 2000 --batch 5", 3)
    assert result["batch"] == 5
    assert 1e-6 < result["excess_risk"]["value"] < 1e-2


@pytest.mark.slow
def test_a_flow_from_a_balanced_start_ends_at_the_balanced_minimum(files, capsys):
    result = document(capsys, f"{TRAIN} --init balanced:0.1 --step flow --steps 30", 0)
    assert result["step"] == "flow"
    assert result["imbalance"]["value"] < 1e-8
    balanced = result["law"]["s_balanced"]["value"]
    assert abs(result["sharpness"]["value"] / balanced - 1) < 1e-6


@pytest.mark.slow
def test_a_residual_network_is_far_from_its_theorem(files, capsys):
    command = f"{TRAIN} --residual readout.npy --init residual:0.3 --step flow --steps 30"
    result = document(capsys, command, 0)
    rate = next(v for v in result["verdicts"] if v["theorem"] == "residual_rate")
    assert rate["status"] == "INAPPLICABLE"
    assert rate["margin"] < -1


def test_divergence_is_reported_with_its_step(files, capsys):
    result = document(capsys, f"{TRAIN} --init gaussian:1 --step 5 --steps 50", 0)
    assert 0 < result["diverged_at"]["value"] < 50
    assert result["risk"]["value"] is None
    assert result["events"][0]["name"] == "diverged"
    assert [v["theorem"] for v in result["verdicts"] if v["status"] == "HOLDS"] == [
        "imbalance_increment",
        "local_lojasiewicz",
    ]


@pytest.mark.slow
def test_a_figure_leaves_a_drawing_its_data_and_its_numbers(files, capsys):
    result = document(capsys, "deep-linear figure traces --out made --format png", 0)
    assert {path.name for path in (files / "made").iterdir()} == {"traces.png", "traces.npz", "traces.json"}
    assert (files / "made" / "traces.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((files / "made" / "traces.json").read_text()) == result
    data = np.load(files / "made" / "traces.npz")
    assert data["sharpness"].shape == (2, 91)
    assert result["rows"][0]["expected"] == "in [18.6995, 100]"


@pytest.mark.slow
def test_several_figures_at_once(files, capsys, monkeypatch):
    from fathometer.deep_linear import figures

    monkeypatch.setitem(figures.GROUPS, "paper-linear", ("traces", "step-times-depth"))
    result = document(capsys, "deep-linear figure paper-linear --quick --out made --format png", 0)
    assert [made["figure"] for made in result["figures"]] == ["traces", "step-times-depth"]
    assert set(result["seconds"]) == {"traces", "step-times-depth"}
    assert result["seconds_in_all"] == pytest.approx(sum(result["seconds"].values()))
    assert (files / "made" / "paper-linear.json").exists()
    assert (files / "made" / "step-times-depth.png").exists()
    assert result["verdicts"][0]["case"] == "step-times-depth: depth 2"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_other_formats_and_a_table_to_read(files, capsys, form):
    assert run(f"deep-linear figure residual-traces --format {form}".split()) == 0
    assert "expected" in capsys.readouterr().out
    assert (files / "figures" / f"residual-traces.{form}").stat().st_size > 5000


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"{TRAIN} --init gaussian:0.6 --step 0", "step must be > 0, got 0"),
        (f"{TRAIN} --init gaussian:0.6 --step fast", "step must be a number, got 'fast'"),
        (f"{TRAIN} --init gaussian --step 0.1", "init must be KIND:SCALE"),
        (f"{TRAIN} --init residual:1 --step 0.1", "residual weights need a network with a readout"),
        (f"{TRAIN} --init gaussian:1 --step 0.1 --width 0", "width must be >= 1"),
        (f"{TRAIN} --init gaussian:1 --step 0.1 --steps 0", "steps must be >= 1 and <= .*, got 0"),
        (f"{TRAIN} --init gaussian:1 --step flow --steps 1", "steps must be >= 2"),
        (f"{TRAIN} --step 0.1", "--init"),
        (f"{TRAIN} --init gaussian:1 --step 0.1 --momentum 0.9", "momentum must be heavy-ball:BETA or nesterov:BETA"),
        (f"{TRAIN} --init gaussian:1 --step 0.1 --momentum nesterov:1", "beta must be < 1 and >= 0, got 1"),
        (f"{TRAIN} --init gaussian:1 --step 0.1 --batch 0", "batch must be >= 1, got 0"),
        (f"{TRAIN} --init gaussian:1 --step flow --batch 5", "a flow has no momentum and no batch"),
        (f"{TRAIN} --init gaussian:1 --step 0.1 --stiff", "--stiff is for --step flow"),
        ("deep-linear figure nothing", "no figure is called 'nothing'; known: sharpness-vs-scale"),
        ("deep-linear figure traces --format gif", "format must be one of svg, png, pdf, got 'gif'"),
        ("deep-linear figure traces --repetitions 0", "repetitions"),
    ],
)
def test_bad_input_is_one_line_and_code_2(files, capsys, command, message):
    before = sorted(files.iterdir())
    assert run([*command.split(), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert sorted(files.iterdir()) == before
