"""What is brought becomes a network; what needs an extra says so in a line."""

import sys

import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network import brought, wrap

PARAMETERS = {"layers": [{"weight": jnp.ones((3, 2)), "active": True}], "bias": np.zeros(2), "seed": 3}
MODULE = """
import numpy as np

def linear(parameters, x):
    return x @ parameters["w"]

def bare():
    print("made")
    return linear, {"w": np.ones((2, 1))}

def with_loss():
    return bare(), lambda model, x, y: ((model(x)[:, 0] - y) ** 2).mean()

def without_loss():
    return bare(), None

def three():
    return bare(), len, len

def odd():
    return bare(), "loss"

def nothing():
    return 3

def failing():
    raise KeyError("no such file")

constant = 3
"""


def predict(parameters, rows):
    return {"loss": 0.0, "logits": rows @ parameters["layers"][0]["weight"] + parameters["bias"][None]}


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "brought_here", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "brought_here.py").write_text(MODULE)
    return "brought_here"


def test_a_function_of_jax_has_named_parameters_and_scores():
    net = wrap((predict, PARAMETERS))
    assert (net.framework, net.name) == ("jax", "predict")
    assert net.shapes() == {"bias": (2,), "layers.0.weight": (3, 2)}
    assert net.scores(np.eye(3)).tolist() == [[1, 1]] * 3
    assert net.scores([[1.0, 2.0, 3.0]]).dtype == np.float64
    assert net.model(np.eye(3))["logits"].shape == (3, 2)


def test_an_array_that_is_there_twice_counts_once():
    shared = jnp.ones((2, 2))
    assert wrap((lambda p, x: x, {"a": shared, "b": shared, "c": jnp.ones(1)})).shapes() == {"a": (2, 2), "c": (1,)}


def test_more_rows_than_one_chunk_are_joined():
    assert wrap((predict, PARAMETERS)).scores(np.ones((1000, 3))).shape == (1000, 2)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (3, "a network must be a torch module, .* got int"),
        ((predict, {"a": 1}), "parameters of predict must hold floating arrays"),
        ((predict, PARAMETERS, 1), "got tuple"),
        ("absent_folder", "absent_folder is not there"),
    ],
)
def test_what_is_no_network_is_refused(model, message):
    with pytest.raises(InputError, match=message):
        wrap(model)


@pytest.mark.parametrize(("absent", "extra"), [("torch", "torch"), ("transformers", "torch"), ("onnx", "onnx")])
def test_a_missing_library_is_one_line_with_its_extra(absent, extra, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, absent, None)
    if absent == "transformers":
        monkeypatch.setitem(sys.modules, "torch", np)
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "m.onnx").write_bytes(b"")
    with pytest.raises(InputError) as refused:
        wrap(tmp_path / "m.onnx" if absent == "onnx" else tmp_path)
    assert str(refused.value) == f"needs {absent}: pip install 'fathometer[{extra}]'"


def test_a_factory_brings_a_model_and_perhaps_its_loss(module, capfd):
    for name in ("bare", "without_loss"):
        net, loss = brought(f"{module}:{name}")
        assert loss is None
        assert net.scores([[1.0, 2.0]]).tolist() == [[3.0]]
    net, loss = brought(f"{module}:with_loss")
    assert float(loss(net.model, np.ones((4, 2)), np.ones(4))) == 1.0
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("three", r"must return a model or \(model, loss\)"),
        ("odd", "with a callable loss, got"),
        ("nothing", "a network must be"),
        ("failing", "brought_here:failing failed: KeyError: 'no such file'"),
        ("constant", "has no callable 'constant'"),
        ("absent", "has no callable 'absent'"),
    ],
)
def test_a_factory_that_brings_none_is_refused_in_a_line(name, message, module):
    with pytest.raises(InputError, match=message) as refused:
        brought(f"{module}:{name}")
    assert "\n" not in str(refused.value)


def test_a_module_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="cannot be imported"):
        brought("nowhere_at_all:factory")


def test_a_path_is_no_factory(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match="is a file"):
        brought(tmp_path / "a")
