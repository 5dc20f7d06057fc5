"""`fathometer network step` on a network of JAX."""

import json

import numpy as np
import pytest

from fathometer.cli import run

FACTORY = """
import jax.numpy as jnp
import numpy as np

CURVATURE = np.array([1.0, 4.0, 9.0])


def brought():
    return (lambda w, x: x @ w, np.array([1.0, -1.0, 0.5])), lambda model, X, y: jnp.mean((model(X) - y) ** 2) / 2


def alone():
    return lambda w, x: x @ w, np.array([1.0, -1.0, 0.5])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A linear model whose Hessian is diag(1, 4, 9) on three rows."""
    here = tmp_path_factory.mktemp("step")
    (here / "stepped_network.py").write_text(FACTORY)
    np.savez(here / "rows.npz", X=np.sqrt(3) * np.diag([1.0, 2.0, 3.0]), y=np.zeros(3))
    return here


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_the_answer_is_that_of_the_closed_form(here, capsys):
    assert run("network step stepped_network:brought --data rows.npz --lr 0.2 --json".split()) == 0
    answer = json.loads(capsys.readouterr().out)
    h, w = np.array([1.0, 4.0, 9.0]), np.array([1.0, -1.0, 0.5])
    g = h * w
    exact = 2 * (g @ g) / (g @ (h * g))
    assert answer["critical_step"]["lower"] <= exact <= answer["critical_step"]["upper"]
    assert answer["critical_step"]["value"] == pytest.approx(exact, rel=1e-6)
    assert answer["critical_sharpness"]["value"] == pytest.approx(2 / exact, rel=1e-6)
    assert answer["passes"] == len(answer["tried"]) + 1 <= 12
    assert answer["loss"] == pytest.approx(h @ w**2 / 2)
    assert answer["edge"]["largest"]["value"] == pytest.approx(9)
    assert answer["edge"]["side"] == "below"
    assert answer["largest_stable_step"]["value"] == pytest.approx(2 / 9)
    assert answer["verdicts"][0]["status"] == "HOLDS"


def test_a_step_beyond_the_edge_is_code_1(here, capsys):
    command = "network step stepped_network:brought --data rows.npz --direction sgd:momentum=0.5,nesterov=1 --lr 0.17"
    assert run(command.split()) == 1  # the edge is 1.5/9 = 0.1667
    out = capsys.readouterr().out
    assert "above the edge" in out
    assert "VIOLATED" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("stepped_network:alone --data rows.npz", "must return (model, loss)"),
        ("stepped_network:brought --data none.npz", "no file 'none.npz'"),
        ("stepped_network:brought --data rows.npz --direction lion", "direction must be gradient, sgd"),
        ("stepped_network:brought --data rows.npz --lr 0", "lr must be > 0"),
        ("stepped_network:brought --data rows.npz --parameters nothing", "must name some of"),
        ("stepped_network:brought --data rows.npz --lr 1 --miss 2", "miss must be > 0 and < 1, got 2"),
    ],
)
def test_what_cannot_be_is_one_line(here, capsys, arguments, message):
    assert run(["network", "step", *arguments.split()]) == 2
    assert message in capsys.readouterr().err
