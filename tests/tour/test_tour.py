"""The tour as a user runs it: whole, judged, killed in the middle, sabotaged."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace

import pytest

from fathometer.cli import run
from fathometer.deep_linear.theorems.sharpness import largest_stable_step
from fathometer.evidence import Status, Within
from fathometer.tour import STEPS, run_tour


@pytest.fixture(scope="module")
def report():
    announced: list[str] = []
    found = run_tour(quick=True, seed=0, announce=announced.append)
    assert len(announced) == STEPS
    return found


@pytest.mark.slow
def test_no_theorem_is_violated_and_most_hold(report):
    theories = Counter(verdict.status for section in report.sections[:3] for _, verdict in section.verdicts)
    assert report.counts()["VIOLATED"] == 0
    assert theories["INAPPLICABLE"] == 0
    assert theories["HOLDS"] > 0.8 * theories.total()


@pytest.mark.slow
def test_the_three_questions_are_answered_for_a_network(report):
    tokens, step, risk = report.sections[3:]
    assert not any(section.answer.startswith("Not answered") for section in (tokens, step, risk))
    assert {verdict.status for _, verdict in tokens.verdicts} <= {"INAPPLICABLE", "UNDECIDED"}
    assert {verdict.status for _, verdict in risk.verdicts} == {"HOLDS"}
    assert not set(tokens.verdicts) & set(report.judged)


@pytest.mark.slow
def test_what_the_issue_names_is_judged(report):
    attention, linear, generalization = report.sections[:3]
    judged = [{verdict.theorem for _, verdict in section.verdicts} for section in report.sections[:3]]
    assert {
        "energy_increases",
        "dissipation_identity",
        "hemisphere_cone",
        "hemisphere_collapse",
        "two_token_time",
    } <= judged[0]
    assert {
        "minimal_sharpness_exact",
        "minimal_sharpness_bracket",
        "largest_stable_step",
        "descent_stability",
    } <= judged[1]
    assert {"test_binomial", "occam", "maurer_seeger", "w1_route_a", "risk_transport", "smooth_gauss"} <= judged[2]
    cases = {case for case, _ in attention.verdicts}
    assert {f"{model}, beta {beta}" for model in ("SA", "USA") for beta in (1, 9, 25)} <= cases
    assert [row[0] for row in linear.rows] == ["2", "4", "8", "16", "32", "64"]
    assert "VACUOUS" in {row[4] for row in generalization.rows}
    spent = sum(float(row[5]) for row in generalization.rows)
    assert spent == pytest.approx(0.05, abs=1e-4)


@pytest.mark.slow
def test_the_certificates_are_ranked(report):
    values = [float(row[3]) for row in report.sections[2].rows]
    assert values == sorted(values)


@pytest.mark.slow
def test_every_chart_shows_prediction_beside_measurement(report):
    page = report.html()
    assert page.count("<svg") == sum(len(section.charts) for section in report.sections) == 16
    assert not re.search(r"<script|<link|src=|@import", page)


def tour(folder, *more: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "fathometer", "tour", "--quick", "--json", *more]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.slow
def test_a_killed_tour_leaves_nothing_behind_and_the_next_one_completes(tmp_path):
    first = tour(tmp_path)
    time.sleep(3)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []
    second = tour(tmp_path)
    out, _ = second.communicate()
    assert second.returncode == 0
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["index.html", "verdicts.json"]
    verdicts = json.loads((tmp_path / "report" / "verdicts.json").read_text())
    assert json.loads(out)["counts"] == verdicts["counts"]


def test_a_sabotaged_theorem_is_violated_and_the_command_fails(monkeypatch, capsys):
    from fathometer.deep_linear.theorems.sharpness import sharpness_lower_bound

    honest = sharpness_lower_bound.THEOREM

    def flipped(problem, axis):
        bound = honest.predict(problem, axis).bound
        return Within(-bound.upper, 0.0)

    monkeypatch.setattr(sharpness_lower_bound, "THEOREM", replace(honest, predict=flipped))
    command = "deep-linear sharpness --data sklearn:diabetes --target target --depth 3 --json"
    assert run(command.split()) == 1
    verdicts = {v["theorem"]: v["status"] for v in json.loads(capsys.readouterr().out)["verdicts"]}
    assert verdicts["sharpness_lower_bound"] == Status.VIOLATED
    assert verdicts["minimal_sharpness_exact"] == Status.HOLDS


@pytest.mark.slow
def test_a_sabotaged_theorem_fails_the_tour_too(report, monkeypatch, tmp_path, capsys):
    case, verdict = next(pair for pair in report.verdicts if pair[1].theorem == largest_stable_step.THEOREM.id)
    broken = replace(
        report, sections=(replace(report.sections[1], verdicts=((case, replace(verdict, status=Status.VIOLATED)),)),)
    )
    monkeypatch.setattr("fathometer.tour.run_tour", lambda **_: broken)
    assert run(["tour", "--out", str(tmp_path / "report")]) == 1
    assert "VIOLATED" in capsys.readouterr().out
