"""Difficult data on the command line: answered where theory has an answer, refused in one line where it has none."""

import json
import re

import numpy as np
import pytest

from fathometer.cli import run

ROWS = {
    "duplicate": [(1, 1, 2), (2, 2, 3), (-1, -1, -2), (0.5, 0.5, 1)],  # singular sigma
    "constant": [(1, 7, 2), (2, 7, 3), (-1, 7, -2), (0.5, 7, 1)],
    "zero": [(1, 0, 0), (0, 1, 0), (1, 1, 0), (2, 1, 0)],  # w_star = 0
    "orthogonal": [(1, 0, 1), (1, 0, -1), (0, 1, 2), (0, 1, -2)],  # the target is orthogonal to the features
    "single": [(1, 2, 3)],
    "empty_columns": [(0, 0, 1), (0, 0, 2)],
    "nan": [(1, float("nan"), 2), (0, 1, 1)],
}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, rows in ROWS.items():
        lines = "\n".join(",".join(map(str, row)) for row in rows)
        (tmp_path / f"{name}.csv").write_text(f"a,b,y\n{lines}\n")
    return tmp_path


def document(capsys, command, codes):
    assert run([*command.split(), "--json"]) in codes
    return json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("name", ["duplicate", "constant", "single"])
def test_data_that_determine_nothing_else_still_have_a_law(files, capsys, name, depth):
    """S_min depends on (sigma, q) alone: singular data and one sample have one. Theorem 1 asks for more."""
    result = document(capsys, f"deep-linear sharpness --data {name}.csv --target y --depth {depth}", {0})
    assert result["s_min"]["value"] > 0
    assert result["largest_stable_step"]["value"] == pytest.approx(2 / result["s_min"]["value"])
    if depth == 1:
        assert result["s_min"]["value"] == pytest.approx(2 * result["lambda_max"]["value"])
    found = {v["theorem"]: v["status"] for v in result["verdicts"]}
    assert found["minimal_sharpness_exact"] == "HOLDS"
    assert found["sharpness_lower_bound"] == ("HOLDS" if name == "constant" else "INAPPLICABLE")


@pytest.mark.parametrize("name", ["zero", "orthogonal", "empty_columns"])
def test_data_that_explain_nothing_have_no_critical_step(files, capsys, name):
    result = document(capsys, f"deep-linear sharpness --data {name}.csv --target y --depth 3", {3})
    assert result["s_min"]["value"] == 0
    assert result["largest_stable_step"]["value"] is None
    assert {v["status"] for v in result["verdicts"]} <= {"INAPPLICABLE", "VACUOUS"}


@pytest.mark.slow
@pytest.mark.parametrize("step", ["0.05", "flow"])
@pytest.mark.parametrize("name", ["duplicate", "zero", "single", "empty_columns"])
def test_training_on_difficult_data(files, capsys, name, step):
    """It ends without an excess risk, or says that it has not, and no theorem is violated."""
    command = f"deep-linear train --data {name}.csv --target y --depth 2 --init gaussian:0.5 --step {step} --steps 400"
    result = document(capsys, command, {0, 3})
    assert result["excess_risk"]["value"] < 1e-4
    statuses = {v["theorem"]: v["status"] for v in result["verdicts"]}
    assert "VIOLATED" not in statuses.values()
    if name in ("duplicate", "single") and step != "flow":
        assert statuses["descent_limit"] == statuses["descent_stability"] == statuses["descent_rate"] == "HOLDS"


@pytest.mark.slow
@pytest.mark.parametrize("step", ["0.05", "flow"])
def test_theorems_on_several_layers_do_not_apply_to_one(files, capsys, step):
    command = f"deep-linear train --data constant.csv --target y --depth 1 --init gaussian:0.5 --step {step} --steps 20"
    statuses = {v["theorem"]: v["status"] for v in document(capsys, command, {0, 3})["verdicts"]}
    assert "VIOLATED" not in statuses.values()
    assert statuses["imbalance_conserved" if step == "flow" else "imbalance_increment"] == "INAPPLICABLE"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("sharpness --data nan.csv --target y --depth 3", "column 'b' of nan.csv .* row 1"),
        ("sharpness --data constant.csv --target y --depth 3 --standardize", "column 'b' of constant.csv is constant"),
        ("sharpness --data single.csv --target y --depth 3 --standardize", "column 'a' of single.csv is constant"),
        ("train --data zero.csv --target y --depth 2 --init spectral:0.1 --step flow", "w_star that is not zero"),
    ],
)
def test_what_has_no_answer_is_refused_in_one_line(files, capsys, command, message):
    assert run(["deep-linear", *command.split(), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err), err


def test_a_sweep_that_is_interrupted_keeps_what_is_finished(tmp_path):
    from fathometer import deep_linear as dl

    problem = dl.DeepLinear(dl.Regression(np.eye(2), np.ones(2)), 2)
    sweep = dl.Sweep(problem, dl.InitialKind.GAUSSIAN, np.array([0.3]), np.array([0.1, 0.2, 0.3]), (20,) * 3, 2, 2)

    def stop(text):
        if text.startswith("2 of"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dl.run_sweep(sweep, folder=tmp_path, announce=stop)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(kept) >= 2
    result = dl.run_sweep(sweep, folder=tmp_path)
    assert np.all(np.isfinite(result.excess_risk))
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())
    assert len(list(tmp_path.iterdir())) == 3
