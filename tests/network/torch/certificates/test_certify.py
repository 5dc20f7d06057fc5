"""Modules of torch and graphs of ONNX, certified and rechecked; a head, and a low-rank update near a pretrained net."""

import numpy as np
import pytest
import torch

from fathometer.evidence import InputError, Status
from fathometer.network.certificates import certify, recheck_file
from tests.network.certificates.networks import rows

SAW = np.arange(400)


class Small(torch.nn.Module):
    def __init__(self, low_rank: bool = False):
        super().__init__()
        torch.manual_seed(0)
        self.body, self.fc = torch.nn.Linear(2, 24), torch.nn.Linear(24, 3)
        self.left = torch.nn.Parameter(torch.zeros(24, 2)) if low_rank else None
        self.right = torch.nn.Parameter(torch.randn(2, 2) / 2) if low_rank else None

    def forward(self, x):
        moved = 0 if self.left is None else x @ self.right.T @ self.left.T
        return self.fc(torch.tanh(self.body(x) + moved))


def fitted(net, x, y, parameters, steps=200):
    chosen = [p for name, p in net.named_parameters() if name.split(".")[0] in parameters]
    optimizer = torch.optim.Adam(chosen, 0.03)
    inputs, labels = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(inputs), labels).backward()
        optimizer.step()
    return net.eval()


def held(net):
    return {name: p.detach().numpy().copy() for name, p in net.named_parameters()}


@pytest.fixture(scope="module")
def data():
    x, y = rows(700, 0)
    return x.astype(np.float32), y


@pytest.fixture(scope="module")
def pretrained():
    return fitted(Small(low_rank=True), *rows(400, 7), ("body", "fc"), steps=60)


def test_a_module_is_certified_and_stays_as_it_was(data, tmp_path):
    x, y = data
    net = Small()
    prior = held(net)
    fitted(net, x[SAW], y[SAW], ("body", "fc"))
    before = held(net)
    net.train()
    asked = ("held_out", "code", "posterior")
    made = certify(net, torch.tensor(x), torch.tensor(y), saw=SAW, prior=prior, rows=asked, draws=100)
    assert net.training
    assert all(np.array_equal(before[name], held(net)[name]) for name in before)
    made.save(tmp_path / "c.json")
    assert recheck_file(tmp_path / "c.json", x, y, net=net, prior=prior)[1].verdict.status is Status.HOLDS
    net.fc.bias.data += 0.5
    assert recheck_file(tmp_path / "c.json", x, y, net=net, prior=prior)[1].verdict.status is Status.VIOLATED


def test_a_head_near_a_pretrained_one(data, pretrained, tmp_path):
    x, y = data
    prior = held(pretrained)
    net = Small(low_rank=True)
    net.load_state_dict(pretrained.state_dict())
    fitted(net, x[SAW], y[SAW], ("fc",), steps=30)
    made = certify(net, x, y, saw=SAW, prior=prior, rows=("held_out", "head"), head="fc")
    row = made.certificate.head.row
    assert row.bound == "output_conversion"
    assert row.value < 1
    made.save(tmp_path / "c.json")
    assert recheck_file(tmp_path / "c.json", x, y, net=net, prior=prior)[1].verdict.status is Status.HOLDS
    with pytest.raises(InputError, match=r"no parameters 'nothing\.weight'"):
        certify(net, x, y, saw=SAW, prior=prior, rows=("head",), head="nothing")


def test_a_low_rank_update_costs_its_own_arrays_alone(data, pretrained):
    x, y = data
    prior = held(pretrained)
    net = Small(low_rank=True)
    net.load_state_dict(pretrained.state_dict())
    fitted(net, x[SAW], y[SAW], ("left", "right"), steps=30)
    made = certify(net, x, y, saw=SAW, prior=prior, rows=("posterior", "code"), parameters="left,right", draws=200)
    posterior, code = made.certificate.posterior, made.certificate.code
    assert {law.name for law in posterior.laws} == {"left", "right"}
    assert posterior.row.value < 0.9
    assert code.base_sha256
    assert code.size < 60
    assert code.row.value < 0.9
    with pytest.raises(InputError, match="must name every array that differs"):
        certify(net, x, y, saw=SAW, prior=prior, rows=("posterior",), parameters="fc.*")


def test_a_graph_of_onnx_has_held_out_rows_and_a_code(data, tmp_path):
    pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    x, y = data
    net = fitted(Small(), x[SAW], y[SAW], ("body", "fc"))
    arrays = {name.replace(".", "_"): array for name, array in held(net).items()}
    nodes = [
        helper.make_node("Gemm", ["x", "body_weight", "body_bias"], ["a"], transB=1),
        helper.make_node("Tanh", ["a"], ["h"]),
        helper.make_node("Gemm", ["h", "fc_weight", "fc_bias"], ["z"], transB=1),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", k]) for name, k in (("x", 2), ("z", 3))]
    weights = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "small", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path / "small.onnx"
    path.write_bytes(model.SerializeToString())
    made = certify(path, x, y, saw=SAW, rows=("held_out", "code"))
    same = certify(net, x, y, saw=SAW, rows=("held_out", "code"))
    for ours, theirs in zip(made.ledger.rows, same.ledger.rows, strict=True):
        assert ours.value == pytest.approx(theirs.value, abs=0.02)
    made.save(tmp_path / "c.json")
    assert recheck_file(tmp_path / "c.json", x, y, net=path)[1].verdict.status is Status.HOLDS
    with pytest.raises(InputError, match="needs gradients"):
        certify(path, x, y, saw=SAW, prior=arrays, rows=("posterior",))
