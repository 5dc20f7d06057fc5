"""`certify conversion`: the table, its JSON and its picture."""

import json

import numpy as np
import pytest

from fathometer.cli import run


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((90, 2))
    lines = [f"{a},{b},{'yes' if a + 0.3 * rng.standard_normal() > 0 else 'no'}" for a, b in x]
    (tmp_path / "table.csv").write_text("\n".join(["a,b,label", *lines]) + "\n")
    return tmp_path


@pytest.mark.slow
def test_a_table_of_two_classes_gets_its_lines_and_a_picture(table, capsys):
    command = "certify conversion --data table.csv --target label --regimes biases --out results --json"
    assert run(command.split()) == 0
    result = json.loads(capsys.readouterr().out)
    assert json.loads((table / "results" / "certify-conversion.json").read_text()) == result
    assert (table / "results" / "conversion-biases.svg").exists()
    last = result["lines"][-1]
    assert 0 < last["over_uniform"] <= 1 / min(last["values"]["rademacher"], 1)
    assert last["regime"] == "biases"


def test_what_it_can_not_do_is_said(table, capsys):
    assert run("certify conversion --data table.csv --target label --regimes trees".split()) == 2
    assert "no regime is called 'trees'; known: linear, equal-prior, head, low-rank, biases" in capsys.readouterr().err
    assert run("certify conversion --data table.csv".split()) == 2
    assert run("certify conversion --data sklearn:iris --target target".split()) == 2
    assert "exactly two kinds" in capsys.readouterr().err
