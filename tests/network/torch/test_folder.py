"""Folders of transformers: read without a network, and nothing in them is run."""

import json
import pickle
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network.adapters import wrap
from tests.network.torch.families import tiny


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    tiny("bert").save_pretrained(folder)
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    return Path(shutil.copytree(saved, tmp_path / "folder"))


@pytest.fixture
def pickled(folder):
    """The same folder with weights in a pickle."""
    (folder / "model.safetensors").unlink()
    torch.save(tiny("bert").state_dict(), folder / "pytorch_model.bin")
    return folder


def change(folder, **fields):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | fields))


IDS = np.array([[5, 6, 7, 8]])


def test_a_folder_gives_what_the_model_gives_without_a_network(folder, monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    net = wrap(folder)
    assert np.allclose(net.scores(IDS), wrap(tiny("bert")).scores(IDS), atol=1e-6)
    assert (net.name, net.folder, net.model.training) == ("BertModel in folder", folder, False)


def test_pickled_weights_are_read(pickled):
    assert np.allclose(wrap(str(pickled)).scores(IDS), wrap(tiny("bert")).scores(IDS), atol=1e-6)


def test_half_precision_is_read_as_single(folder):
    tiny("bert").half().save_pretrained(folder)
    assert {p.dtype for p in wrap(folder).model.parameters()} == {torch.float32}


class Harm:
    def __reduce__(self):
        return Path.touch, (Path("harmed"),)


def test_a_pickle_that_would_run_code_is_refused(pickled, monkeypatch):
    monkeypatch.chdir(pickled)
    (pickled / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": Harm()}))
    with pytest.raises(InputError, match=r"pytorch_model.bin cannot be read: it is a pickle that weights_only refuses"):
        wrap(pickled)
    assert not (pickled / "harmed").exists()


def test_code_of_a_folder_is_never_run(folder):
    change(folder, auto_map={"AutoModel": "evil.Model"})
    (folder / "evil.py").write_text("raise SystemExit('ran')")
    with pytest.raises(InputError, match="wants code of its own"):
        wrap(folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "config.json").unlink(), "has no config.json"),
        (lambda f: (f / "config.json").write_text("{"), "is not JSON"),
        (lambda f: (f / "config.json").write_text("{}"), "names no model_type"),
        (lambda f: change(f, model_type="nothing_known"), "cannot be read"),
        (lambda f: (f / "model.safetensors").unlink(), "has no weights: one of model.safetensors"),
        (lambda f: (f / "model.safetensors").write_bytes(b"nothing"), "model.safetensors cannot be read"),
        (lambda f: change(f, num_hidden_layers=4), "lacks 16 weights of the architecture"),
        (lambda f: change(f, hidden_size=20), "cannot be read|lacks"),
        (shutil.rmtree, "is not there"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_in_a_line(folder, spoil, message):
    spoil(folder)
    with pytest.raises(InputError, match=message) as refused:
        wrap(folder)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_graph_is_refused(tmp_path):
    (tmp_path / "weights.pt").write_bytes(b"")
    with pytest.raises(InputError, match="is a file"):
        wrap(tmp_path / "weights.pt")
