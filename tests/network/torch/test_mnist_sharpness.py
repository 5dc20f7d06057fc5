"""The largest eigenvalue of a public network, with dropout off, on its first 2000 training images: 2.5248."""

import json
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.cli import run
from fathometer.data import load_idx
from fathometer.network import curvature

torch = pytest.importorskip("torch")
F = torch.nn.functional
ORACLE = 2.5248


class Convolutional(torch.nn.Module):
    """conv10-conv20-fc50-fc10."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = torch.nn.Conv2d(1, 10, 5), torch.nn.Conv2d(10, 20, 5)
        self.fc1, self.fc2 = torch.nn.Linear(320, 50), torch.nn.Linear(50, 10)

    def forward(self, images):
        hidden = F.relu(F.max_pool2d(self.conv1(images), 2))
        hidden = F.relu(F.max_pool2d(self.conv2(hidden), 2)).flatten(1)
        return F.log_softmax(self.fc2(F.relu(self.fc1(hidden))), dim=1)


def loss(model, images, labels):
    return F.nll_loss(model(images), labels)


@pytest.fixture(scope="module")
def trained(models):
    network = Convolutional()
    network.load_state_dict(torch.load(models / "cnn" / "mnist_model.pth", weights_only=True))
    return network.eval()


@pytest.fixture(scope="module")
def images(models):
    rows = load_idx(models / "mnist" / "train-images-idx3-ubyte")[:2000].reshape(-1, 1, 28, 28)
    return (rows / 255 - 0.1307) / 0.3081, load_idx(models / "mnist" / "train-labels-idx1-ubyte")[:2000]


def test_the_largest_eigenvalue_is_the_published_one(trained, images):
    H = curvature(trained, loss, images)
    assert H.size == 21_840
    ends = H.extremes(1e-2, ends="largest")
    assert ends.converged
    assert ends.products <= 20
    assert_allclose(ends.largest.value, ORACLE, atol=6e-5)
    assert ends.largest.upper - ends.largest.lower <= 1e-2 * ends.largest.value


def factory():
    network = Convolutional()
    torch.manual_seed(0)
    return network.eval(), loss


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cnn", sys.modules[__name__])
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("d.npz", X=rng.standard_normal((8, 1, 28, 28)), y=rng.integers(0, 10, 8))
    line = "network sharpness cnn:factory --data d.npz --parameters fc2.*,conv1.* --blocks --trace --json".split()
    assert run([*line, "--step", "0.1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parameters"] == 770
    assert set(told["blocks"]) == {"conv1.weight", "conv1.bias", "fc2.weight", "fc2.bias"}
    assert told["largest"]["lower"] <= told["largest"]["value"] <= told["largest"]["upper"]
    assert told["largest"]["confidence"] == 1 - 1e-6
    assert max(ends["largest"]["lower"] for ends in told["blocks"].values()) <= told["largest"]["upper"]
    assert_allclose(told["largest_stable_step"]["value"], 2 / told["largest"]["value"])
    assert_allclose(told["step"]["ratio"]["value"], 0.05 * told["largest"]["value"])
    assert told["verdicts"][0]["status"] == "HOLDS"
    assert told["products"] > 0
    assert told["trace"]["lower"] <= told["trace"]["upper"]
    assert run([*line[:-1], "--plan"]) == 0
    assert "at most" in capsys.readouterr().out
    assert run([*line, "--products", "4"]) == 3
    assert run(["network", "sharpness", "cnn:Convolutional", "--data", "d.npz"]) == 2
    assert "must return (model, loss)" in capsys.readouterr().err
