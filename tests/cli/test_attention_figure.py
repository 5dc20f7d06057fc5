import json
import re

import numpy as np
import pytest

from fathometer.cli import run


def test_a_figure_leaves_its_drawing_its_data_and_its_numbers(tmp_path, capsys):
    assert run(["attention", "figure", "F2", "--quick", "--format", "png", "--json", "--out", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {path.name for path in tmp_path.iterdir()} == {"staircase.png", "staircase.npz", "staircase.json"}
    assert document["rows"][0]["expected"] == "0.0300452 0.151471 0.331743 0.76617"
    assert json.loads((tmp_path / "staircase.json").read_text()) == document
    assert np.load(tmp_path / "staircase.npz")["energy"].shape[1] == 3


@pytest.mark.slow
def test_options_reach_their_figure_and_cells_are_kept(tmp_path, capsys):
    command = [
        "attention",
        "figure",
        "phase-diagram",
        "--quick",
        "--repetitions",
        "2",
        "--dim",
        "40",
        "--out",
        str(tmp_path),
    ]
    assert run([*command, "--score", "wigner", "--model", "usa"]) == 0
    out, err = capsys.readouterr()
    assert "phase-diagram-usa-d40-wigner.svg" in out.replace("\n", "")
    assert "10 of 10 cells" in err
    assert len(list((tmp_path / "cells").iterdir())) == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["F99"], "no figure is called 'F99'; known: F1 or circle-movie"),
        (["F2", "--dim", "3"], "figure staircase has no option 'dim'"),
        (["F2", "--format", "gif"], "format must be one of svg, png, pdf, got 'gif'"),
        (["F4", "--score", "x"], "score must be one of .*, got 'x'"),
        (["F4", "--model", "x"], "model must be one of"),
        (["F5", "--hidden", "absent.npz"], "no file 'absent.npz'"),
    ],
)
def test_bad_usage_is_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert run(["attention", "figure", *arguments, "--quick", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err), err
    assert not list(tmp_path.rglob("*.npz"))
