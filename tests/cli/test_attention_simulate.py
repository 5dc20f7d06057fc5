"""`fathometer attention simulate` with few and with many tokens."""

import json

import pytest
from numpy.testing import assert_allclose

from fathometer.cli import run
from fathometer.cli.attention.runs import _run as _attention_run

FEW = "attention simulate --uniform 30,3 --beta 9 --time 3 --saves 4 --seed 2 --json".split()


def document(arguments, capsys):
    assert run(arguments) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


@pytest.mark.slow
def test_many_tokens_are_observed_while_they_run(monkeypatch, capsys):
    plain, _ = document([*FEW, "--engine", "plain"], capsys)
    monkeypatch.setattr(_attention_run, "PLAIN_UP_TO", 29)
    large, progress = document(FEW, capsys)
    assert_allclose(large["observed"]["unit_energy"]["value"], plain["observed"]["unit_energy"]["value"], atol=1e-6)
    assert "cluster_count" not in large["observed"]
    assert max(map(abs, large["observed"]["dissipation_defect"]["value"])) < 1e-5
    assert large["provenance"]["precision"] == "float64"
    assert progress.count("unit energy") == 5
    statuses = {verdict["theorem"]: verdict["status"] for verdict in large["verdicts"]}
    assert {theorem for theorem, status in statuses.items() if status == "HOLDS"} == {
        "energy_increases",
        "dissipation_identity",
    }
    assert set(statuses.values()) <= {"HOLDS", "INAPPLICABLE"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--engine", "fast"], "engine must be one of"),
        (["--engine", "plain", "--precision", "float32"], "precision must be float64 with the plain engine"),
        (["--precision", "half"], "precision must be one of"),
    ],
)
def test_options_out_of_range_are_one_line_and_code_2(options, message, capsys):
    assert run([*FEW, *options]) == 2
    assert message in capsys.readouterr().err
