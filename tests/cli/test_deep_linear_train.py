"""`deep-linear train` at the ends of its options: a refusal in one line before any work, or an honest result."""

import csv
import dataclasses
import itertools
import json
import signal
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

from fathometer import deep_linear as dl
from fathometer.cli import run
from fathometer.cli.deep_linear._way import Way
from fathometer.evidence import Estimate, InputError
from fathometer.report import Chart

FACTORIAL = np.array(list(itertools.product((-1.0, 1.0), repeat=2)) * 3)
TARGET = FACTORIAL @ [1.0, 2.0] + 0.1 * np.tile([1, -1, 1, -1], 3)
COMMAND = "deep-linear train --data factorial.csv --target y --depth 3 --init gaussian:0.5 --step 0.01 --steps 50"


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(",".join(map(str, [*x, y])) for x, y in zip(FACTORIAL, TARGET, strict=True))
    (tmp_path / "factorial.csv").write_text(f"a,b,y\n{rows}\n")
    return tmp_path


def given(**options):
    words: list[str] = list(COMMAND.split())
    for name, value in options.items():
        flag = f"--{name}"
        if flag in words:
            words[words.index(flag) + 1] = str(value)
        else:
            words += [flag, str(value)] if value is not None else [flag]
    return words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"init": "gaussian:-1"}, "scale must be >= 0, got -1"),
        ({"init": "gaussian:inf"}, "scale must be finite, got inf"),
        ({"init": "gaussian:nan"}, "scale must be finite, got nan"),
        ({"init": "gaussian:1e300"}, "the initial weights are too large: their risk inf is above"),
        ({"init": "gaussian:1e308", "step": "flow"}, "the initial weights are too large: their risk inf"),
        ({"init": "gaussian:1e-100"}, "the initial weights are too small: their product over 3 layers"),
        ({"init": "gaussian:1e-320", "step": "flow"}, "the initial weights are too small"),
        ({"init": "spectral:0"}, "scale must be > 0 for spectral weights"),
        ({"init": "uniform:1"}, "init must be one of gaussian"),
        ({"depth": 0}, "depth must be >= 1, got 0"),
        ({"depth": 1_000_000}, "depth must be <= 10000 to be trained, got 1000000"),
        ({"width": 0}, "width must be >= 1, got 0"),
        ({"width": 5_000_000}, "width 5000000 at depth 3 with 50 steps needs about"),
        ({"width": 5_000_000, "step": "flow"}, "take fewer steps (observations) or a smaller width"),
        ({"step": 0}, "step must be > 0, got 0"),
        ({"step": "-0.1"}, "step must be > 0, got -0.1"),
        ({"step": "nan"}, "step must be finite and > 0, got nan"),
        ({"step": "Flow"}, "step must be a number, got 'Flow'"),
        ({"steps": 0}, "steps must be >= 1"),
        ({"steps": 1, "step": "flow"}, "steps must be >= 2"),
        ({"steps": 10**30}, "steps must be >= 1 and <= 9.0072e+15"),
        ({"momentum": "heavy-ball:1"}, "beta must be < 1 and >= 0, got 1"),
        ({"momentum": "nesterov:-1"}, "beta must be < 1 and >= 0, got -1"),
        ({"momentum": "adam:0.9"}, "momentum must be heavy-ball:BETA or nesterov:BETA"),
        ({"momentum": "nesterov:0.5", "step": "flow"}, "a flow has no momentum and no batch"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
        ({"batch": 3, "step": "flow"}, "a flow has no momentum and no batch"),
        ({"stiff": None}, "--stiff is for --step flow"),
        ({"history": "h.xlsx"}, "a history is kept in a file that ends in .parquet, .csv, .json, .npz, got 'h.xlsx'"),
        ({"figure": "f.bmp"}, "f.bmp"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(data, capsys, options, message):
    assert run(given(**options)) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        {"step": "1e300"},
        {"step": "1e-320"},
        {"steps": 1},
        {"depth": 1},
        {"width": 1},
        {"batch": 1000},
        {"momentum": "nesterov:0"},
        {"init": "gaussian:0"},
    ],
)
def test_extremes_that_can_be_trained_end_without_a_warning_or_a_violation(data, capsys, options):
    assert run([*given(**options), "--json"]) in (0, 3)
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert "VIOLATED" not in {verdict["status"] for verdict in document["verdicts"]}
    assert "nan" not in next((v["explanation"] for v in document["verdicts"] if v["theorem"] == "descent_limit"), "")


@pytest.mark.slow
def test_a_run_tells_its_class_and_keeps_its_history(data, capsys):
    """The history agrees with the end in every digit, and its looks are those of the same descent."""
    assert run([*given(history="h.parquet"), "--json"]) in (0, 3)
    document = json.loads(capsys.readouterr().out)
    assert document["class"]["name"] == "flow-like"
    assert document["class"]["stable_sharpness"] == 200.0
    table = pq.read_table(data / "h.parquet").to_pydict()
    assert table["step"][0] == 0
    assert table["step"][-1] == 50
    for name in ("excess_risk", "sharpness", "imbalance"):
        assert table[name][-1] == document[name]["value"]
    assert table["stable_sharpness"] == [200.0] * len(table["step"])
    assert max(table["centre_sharpness"]) < 200


def test_the_picture_of_a_diverged_run_ends_where_it_diverges():
    """Levels over all steps asked for would squeeze the run into one point, and a linear axis would hide the limit."""
    at, risk = np.array([0.0, 1.0, 2.0, 1000.0]), np.array([1.0, 2.0, 1e6, np.nan])
    sharpness = Estimate.exact(np.array([1.0, 20.0, 3e5, np.nan]))
    history = dl.RunHistory(at, "step", risk, risk, sharpness, sharpness, risk, 0.4, 1.0)
    problem = dl.DeepLinear(dl.Regression(np.eye(2), np.ones(2)), 3)
    found = Way(history, None).figure(problem)
    charts = [chart for chart in found.charts if isinstance(chart, Chart)]
    assert len(charts) == 3
    assert max(np.max(curve.x) for chart in charts for curve in chart.curves) == 2
    assert charts[1].log_y
    assert found.rows[0].measured == "300000"
    assert charts[1].curves[1].label == "largest stable sharpness, 2 / step"
    momentum = Way(dataclasses.replace(history, plain=False), None).figure(problem).charts[1]
    assert isinstance(momentum, Chart)
    assert momentum.curves[1].label == "largest stable sharpness"


@pytest.mark.slow
@pytest.mark.parametrize("step", ["0.01", "flow"])
def test_a_history_and_a_picture_of_descent_and_flow(data, capsys, step):
    assert run([*given(step=step, history="h.csv", figure="f.svg"), "--json"]) in (0, 3)
    document = json.loads(capsys.readouterr().out)
    assert (document["class"] is None) == (step == "flow")
    rows = list(csv.DictReader((data / "h.csv").read_text().splitlines()))
    assert float(rows[-1]["loss"]) == document["risk"]["value"]
    assert (data / "f.svg").read_text().startswith("<?xml")
    assert "Imbalance" in (data / "f.svg").read_text() or (data / "f.svg").stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "factor", "name"), [(2, 1.05, "periodic"), (2, 1.5, "chaotic"), (2, 3.0, "diverged")]
)
def test_steps_beyond_the_largest_stable_one_are_of_their_class(tmp_path, monkeypatch, capsys, depth, factor, name):
    """One column, so that the network is scalar: 2 / S_min = 1 / (2 w* lambda)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line.csv").write_text("a,y\n1,1\n-1,-1\n")
    words = f"--data line.csv --target y --depth {depth} --width 1 --init balanced:0.9 --steps 3000 --seed 1 --json"
    run(["deep-linear", "train", *words.split(), "--step", str(factor * 0.5)])
    document = json.loads(capsys.readouterr().out)
    assert document["class"]["name"] == name, document["class"]
    judged = {verdict["theorem"]: verdict["status"] for verdict in document["verdicts"]}
    assert judged.get("period_two_curvature") == ("HOLDS" if name == "periodic" else None)
    assert "VIOLATED" not in judged.values()


@pytest.mark.slow
def test_a_descent_in_parts_is_the_same_in_every_bit():
    problem = dl.DeepLinear(dl.Regression.from_data(FACTORIAL, TARGET), 3)
    start = [matrix[0] for matrix in dl.Initial.parse("gaussian:0.5").draw(problem, 4, 1, 0)]
    for momentum in (None, dl.Momentum(0.5)):
        for batches in (None, dl.MiniBatches(FACTORIAL, TARGET, 3, 1)):
            how = {"momentum": momentum, "batches": batches}
            whole = dl.descend(problem, start, 0.003, 1000, every=1000, store=True, **how)
            parts = dl.watched_descent(problem, start, 0.003, 1000, **how, say=lambda line: None)
            for name in whole.states:
                assert_array_equal(parts.states[name], whole.states[name])
            assert_array_equal(parts.axis.points, whole.axis.points)


def test_memory_is_that_of_the_states_and_of_the_hessians():
    problem = dl.DeepLinear(dl.Regression.from_data(FACTORIAL, TARGET), 3)
    assert dl.run_memory(problem, 4000, 100, flow=True) > 100 * 4000**2 * 8
    assert dl.run_memory(problem, 50, 10**9, flow=False) == dl.run_memory(problem, 50, 10**12, flow=False) < 2**30
    with pytest.raises(InputError, match=r"needs about 1 GB of memory, this machine has 0\.5 GB"):
        dl.require_trainable(problem, 1, round(2**30 / 8 / 8 / 4 / 2), flow=True, available=2.0**29)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.slow
def test_an_interrupted_descent_keeps_what_was_reached(data):
    words = [
        sys.executable,
        "-m",
        "fathometer",
        *given(steps=10**9, step=1e-4, history="h.json"),
        "--out",
        "kept",
        "--json",
    ]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not _says(process, "descent:"):
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)  # two seconds on a machine with nothing else to do
    assert process.returncode == 130
    assert "interrupted after" in err
    assert "its weights in deep-linear-train.npz" in err
    document = json.loads(out)
    assert 0 < document["interrupted_at"] == document["steps"] < 10**9
    with np.load(data / "kept" / "deep-linear-train.npz") as weights:
        assert sorted(weights) == ["W1", "W2", "W3"]
    history = json.loads((data / "h.json").read_text())
    assert history["step"][-1] == document["steps"]
    assert document["class"] is None


def _says(process, text):
    return text in process.stderr.readline()
