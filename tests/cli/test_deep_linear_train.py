"""`deep-linear train` at the ends of its options: a refusal in one line before any work, or an honest result."""

import itertools
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from fathometer import deep_linear as dl
from fathometer.cli import run
from fathometer.evidence import InputError

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
    words = COMMAND.split()
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
    words = [sys.executable, "-m", "fathometer", *given(steps=10**9, step=1e-4), "--out", "kept", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not _says(process, "descent:"):
        pass
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - sent < 10  # two seconds on a machine with nothing else to do
    assert "interrupted after" in err
    assert "its weights in deep-linear-train.npz" in err
    document = json.loads(out)
    assert 0 < document["interrupted_at"] == document["steps"] < 10**9
    with np.load(data / "kept" / "deep-linear-train.npz") as weights:
        assert sorted(weights) == ["W1", "W2", "W3"]


def _says(process, text):
    return text in process.stderr.readline()
