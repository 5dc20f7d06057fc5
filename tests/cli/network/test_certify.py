"""`network certify` and `recheck` of what it saves, as a user types them."""

import json

import numpy as np
import pytest

from fathometer.cli import run
from tests.network.certificates.networks import rows, start, trained

MODULE = """
import numpy as np

def f(p, x):
    return np.tanh(x @ p["a"]) @ p["b"]

def net():
    return f, dict(np.load("net.npz"))

def pairs():
    return (lambda p, ids: p[np.asarray(ids)]), np.log(np.full((4, 4), 0.25))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("certify")
    x, y = rows(300, 0)
    np.savez(here / "rows.npz", X=x, y=y)
    np.savez(here / "wide.npz", X=np.ones((300, 50)), y=y)
    np.savez(here / "net.npz", **trained(x[:150], y[:150], start(0)))
    np.savez(here / "start.npz", **start(0))
    np.savez(here / "texts.npz", tokens=np.random.default_rng(0).integers(0, 4, 300), lengths=np.full(60, 5))
    (here / "saw.txt").write_text("\n".join(map(str, range(150))))
    (here / "all.txt").write_text("\n".join(map(str, range(300))))
    (here / "certified_net.py").write_text(MODULE)
    return here


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def printed(capsys, code, command):
    assert run(command.split()) == code
    return json.loads(capsys.readouterr().out)


def test_a_network_is_certified_and_rechecked(here, capsys):
    asked = "network certify certified_net:net --data rows.npz --saw saw.txt --rows held_out,code"
    found = printed(capsys, 0, f"{asked} --save c.json --json")
    assert found["certificate"] == found["ledger"][0]["value"]
    assert {row["bound"] for row in found["ledger"]} == {"test_binomial", "occam_binomial"}
    assert found["gap"]["lower"] <= found["gap"]["upper"]
    assert (here / found["code"]["file"]).stat().st_size == found["code"]["bytes"]
    assert printed(capsys, 3, "recheck c.json --data rows.npz --json")["verdicts"][0]["status"] == "UNDECIDED"
    assert printed(capsys, 0, "recheck c.json --data rows.npz --model certified_net:net --json")["differences"] == []


def test_a_language_model_is_certified_by_documents(here, capsys):
    asked = "network certify certified_net:pairs --data texts.npz --saw none --vocabulary 4"
    found = printed(capsys, 0, f"{asked} --save l.json --json")
    assert found["bits_per_token"]["value"] == pytest.approx(2, abs=1e-9)
    assert printed(capsys, 0, "recheck l.json --data texts.npz --model certified_net:pairs --json")["differences"] == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--data rows.npz --saw all.txt", "has seen all rows"),
        ("--data rows.npz", "give --saw FILE"),
        ("--data texts.npz --saw none", "must hold the arrays X and y"),
        ("--data rows.npz --saw none --vocabulary 4", "must hold the arrays tokens and lengths"),
        ("--data texts.npz --saw none --vocabulary 4 --head fc", "are of classifiers"),
        ("--data texts.npz --saw none --vocabulary 4 --rows recall", "held_out and code"),
        ("--data rows.npz --saw saw.txt --rows posterior", "needs a prior"),
        ("--data rows.npz --saw saw.txt --prior rows.npz", "the prior lacks the array 'a'"),
        ("--data nothing.npz --saw saw.txt", "nothing.npz"),
        ("--data rows.npz --saw saw.txt --rows nothing", "rows must be of posterior, code, head, held_out"),
        ("--data wide.npz --saw none", "does not take these rows: "),
    ],
)
def test_bad_input_is_one_line(here, capsys, options, message):
    assert run(f"network certify certified_net:net {options}".split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.splitlines()[-1]
