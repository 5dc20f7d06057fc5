"""The report about a network: answers where something is given, reasons where it is not."""

import json
import sys

import numpy as np
import pytest

from fathometer.cli import run
from fathometer.evidence import InputError
from fathometer.network._network import blocks_of
from fathometer.network.inspection import inspect, none_answered
from fathometer.network.inspection._curved import parts_of

X = np.random.default_rng(0).standard_normal((120, 2)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)
W = np.array([[-1.0, 1.0], [0.0, 0.0]], np.float32)


def scores(weights, rows):
    return rows @ weights


def loss(model, rows, labels):
    return (model(rows)[:, 1] ** 2).mean()


@pytest.fixture(scope="module")
def report():
    return inspect((scores, W), loss, X, Y, saw=np.arange(30), seed=1)


def test_the_questions_come_in_order(report):
    titles = [section.title for section in report.sections]
    assert titles == ["Do my tokens collapse?", "How large a step can I take?", "How wrong can it be?"]
    assert all(section.answer for section in report.sections)


def test_what_cannot_be_answered_says_why(report):
    assert report.sections[0].answer.startswith("Not answered: nothing was recorded")
    bare = inspect((scores, W))
    assert [section.answer for section in bare.sections] == [
        "Not answered: no text was given: --text F for a folder with its tokenizer, --ids F.npz for token ids.",
        "Not answered: no loss was given: bring the network as module:factory that returns (model, loss).",
        "Not answered: no rows were given: --data F.npz with X and y.",
    ]
    assert "; no loss was given: " in (none_answered(bare) or "")
    unknown = inspect((scores, W), None, X, Y)
    assert none_answered(unknown)
    assert unknown.sections[1].answer.startswith("Not answered: no loss was given")
    assert unknown.sections[2].answer.startswith("Not answered: it is not known which rows it has seen")


def test_the_step_is_that_of_the_hessian(report):
    """The loss is w2' S w2 with the second moments S of the rows that were seen: largest eigenvalue 2 lambda(S)."""
    largest = 2 * np.linalg.eigvalsh(X[:30].T @ X[:30] / 30)[-1]
    step = report.sections[1]
    assert float(step.rows[0][1].split()[0]) == pytest.approx(2 / largest, rel=1e-3)
    assert {verdict.status for _, verdict in step.verdicts} <= {"HOLDS", "UNDECIDED"}


def test_a_network_without_errors_has_a_small_certificate(report):
    certified = float(report.sections[2].answer.split(" errs on at most ")[1].split(" %")[0])
    assert 0 < certified < 8
    assert {verdict.status for _, verdict in report.judged} >= {"HOLDS"}


def test_the_page_stands_alone_and_has_every_figure(report, tmp_path):
    page = report.write(str(tmp_path)).read_text("utf-8")
    assert page.count("<svg") == sum(len(section.charts) for section in report.sections)
    assert "Not answered: nothing was recorded" in page
    assert json.loads((tmp_path / "verdicts.json").read_text())["sections"][2]["answer"]


def test_sites_of_modules_are_of_torch():
    named = inspect((scores, W), loss, X, Y, sites="encoder.*", rows=5)
    assert named.sections[0].answer.startswith("Not answered: sites 'encoder.*' name modules of torch")


@pytest.mark.parametrize("name", ["delta", "rtol", "miss"])
def test_numbers_out_of_range_are_refused_at_once(name):
    with pytest.raises(InputError, match=f"{name} must be > 0 and < 1, got 2"):
        inspect((scores, W), loss, X, Y, **{name: 2.0})


def test_rows_that_the_network_refuses_are_the_reason_why(report):
    assert none_answered(report) is None
    wide = inspect((scores, W), loss, np.ones((80, 5), np.float32), Y[:80], saw=[])
    assert none_answered(wide).count("scores does not take these rows: ") == 1


def test_parts_are_layers_and_not_too_many():
    shapes = {f"blocks.{k}.{name}": (2, 3) for k in range(8) for name in ("key", "value")} | {"head": (4,)}
    parts = parts_of(blocks_of(shapes))
    assert [part.name for part in parts] == [*(f"blocks.{k}" for k in range(8)), "head"]
    assert [part.size for part in parts] == [12] * 8 + [4]
    assert parts[-1].start == 96
    assert parts_of(blocks_of({"w": (3,)})) == ()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "give a network, or --demo alone"),
        ("x.onnx --demo", "give a network, or --demo alone"),
        ("--demo --data x.npz", "--demo brings its own rows"),
        ("nowhere/", "nowhere is not there"),
        ("mine:make", "mine"),
        ("given:make", "none of the three questions can be answered: no text was given"),
        ("given:make --saw saw.txt", "give the rows, too (--data F.npz)"),
        ("given:make --data rows.npz --delta 2", "delta must be > 0 and < 1, got 2"),
        ("lacking:make", "lacking:make needs onnx: pip install 'fathometer[onnx]'"),
    ],
)
def test_what_cannot_be_asked_is_one_line(tmp_path, monkeypatch, capsys, command, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    (tmp_path / "given.py").write_text("import numpy\nmake = lambda: (lambda w, x: x @ w, numpy.ones((2, 2)))\n")
    (tmp_path / "lacking.py").write_text("import onnx\n")
    np.savez(tmp_path / "rows.npz", X=X, y=Y)
    assert run(["network", "inspect", *command.split()]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert (out, err.count("\n")) == ("", 1)
