import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.cli import run

FACTORY = """
import jax.numpy as jnp

def network():
    function = lambda w, X: X @ w
    return (function, jnp.ones((3, 2))), lambda model, X, y: jnp.mean(jnp.sum((model(X) - y) ** 2, axis=1))

def alone():
    return (lambda w, X: X @ w, jnp.ones((3, 2)))
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "my_network.py").write_text(FACTORY)
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "rows.npz", X=rng.standard_normal((20, 3)), y=rng.standard_normal((20, 2)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


LINE = "network sharpness my_network:network --data rows.npz".split()


@pytest.mark.slow
def test_of_a_linear_network_in_jax(here, capsys):
    X = np.load("rows.npz")["X"]
    values = np.linalg.eigvalsh(2 * X.T @ X / 20)
    assert run([*LINE, "--json", "--trace", "--blocks", "--step", "0.01"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert_allclose([told[key]["value"] for key in ("smallest", "largest")], values[[0, -1]], rtol=1e-12)
    assert_allclose(told["trace"]["value"], 2 * values.sum())
    assert_allclose(told["largest_stable_step"]["value"], 2 / values[-1])
    assert (told["parameters"], told["rows"], told["ended"]) == (6, 20, "whole")
    assert told["verdicts"][0]["status"] == "HOLDS"
    assert run([*LINE, "--step", "10"]) == 1
    assert run([*LINE, "--step", "1.3", "--momentum", "0.9", "--nesterov"]) == 1
    assert run([*LINE, "--plan"]) == 0
    assert "dense" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("my_network:alone --data rows.npz", "must return (model, loss)"),
        ("my_network:network --data nothing.npz", "no file 'nothing.npz'"),
        ("my_network:network --data rows.npz --matrix hesse", "matrix must be one of"),
        ("my_network:network --data rows.npz --ends top", "ends must be one of both, largest, smallest"),
        ("my_network:network --data rows.npz --rtol 2", "rtol must be > 0 and < 1"),
        ("my_network:network --data rows.npz --step -1", "lr must be > 0"),
        ("my_network:network --data rows.npz --momentum 1", "momentum must be < 1"),
        ("my_network:network --data rows.npz --memory lots", "memory must be a positive number"),
        ("my_network:network --data rows.npz --parameters b.*", "must name some of"),
    ],
)
def test_bad_input_is_one_line(here, capsys, options, message):
    assert run(["network", "sharpness", *options.split()]) == 2
    assert message in capsys.readouterr().err
