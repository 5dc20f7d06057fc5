"""`fathometer theorems`: what it shows, tests and draws."""

import json

import pytest

from fathometer import evidence
from fathometer.cli import run
from fathometer.cli._attended import INTERRUPTED
from fathometer.study import pass_on


def test_show_says_what_a_theorem_is_about_and_how_to_run_it(capsys):
    assert run(["theorems", "show", "circle_motion"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for text in ("about ParticleSystem", "hypothesis on the circle: d = 2", "as printed", "VIOLATED on its example"):
        assert text in shown
    assert "fathometer theorems test circle_motion" in shown
    assert run(["theorems", "show", "dissipation_identity", "--json"]) == 0
    assert "energy_increases" in json.loads(capsys.readouterr().out)["used_by"]


def test_every_case_is_shown_with_its_verdict(capsys):
    assert run(["theorems", "test", "two_token_time", "two_token_time", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["failed"] == 0
    (tested,) = document["theorems"]
    assert [case["status"] for case in tested["cases"]] == ["HOLDS", "VIOLATED", "UNDECIDED", "INAPPLICABLE"]
    assert all(case["passed"] and case["explanation"] for case in tested["cases"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "give the ids of theorems, or --all"), (["wendel", "--all"], "not both, got --all and")],
)
def test_either_ids_or_all_are_given(arguments, message, capsys):
    assert run(["theorems", "test", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_an_interrupt_keeps_what_is_finished(tmp_path, capsys, monkeypatch):
    real = evidence.cases

    def interrupted(theorem):
        assert pass_on()
        return real(theorem)

    monkeypatch.setattr(evidence, "cases", interrupted)
    assert run(["theorems", "test", "comparison_time", "wendel", "--json", "--out", str(tmp_path)]) == INTERRUPTED
    assert "interrupted: 1 of 2 theorems were tested" in capsys.readouterr().err
    assert [entry["id"] for entry in json.loads((tmp_path / "theorem-cases.json").read_text())["theorems"]] == [
        "comparison_time"
    ]


@pytest.mark.parametrize("form", ["svg", "dot"])
def test_the_graph_is_written_and_listed(form, tmp_path, capsys):
    assert run(["theorems", "graph", "--format", form, "--out", str(tmp_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {"theorem": "hemisphere_collapse", "uses": "hemisphere_rate"} in document["uses"]
    assert "hemisphere_collapse" in (tmp_path / f"theorems.{form}").read_text()
