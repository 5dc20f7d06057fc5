"""Files of ONNX: scores and residual streams are those of the network that they were made from."""

import numpy as np
import onnx
import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network import record, recorded_texts, wrap
from fathometer.network.recording import random_weights
from fathometer.network.recording.frameworks import _onnx_recorder
from fathometer.network.recording.frameworks._onnx_anatomy import anatomy_of
from tests.network.torch.exported import export
from tests.network.torch.families import CAUSAL, Kept, tiny

TEXTS = [[5, 9, 30, 7, 11], [8, 4, 3, 20, 21, 22]]
GRAPHS = {"bert": 17, "albert": 14, "gpt2": 14, "llama": 17, "neox": 17, "opt": 17}


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")
    return {name: export(tiny(name).base_model, folder / f"{name}.onnx", version) for name, version in GRAPHS.items()}


@pytest.mark.parametrize("family", GRAPHS)
def test_a_graph_shows_what_the_hooks_see(family, graphs):
    hooked, added = Kept("pattern", "attended"), Kept("pattern", "attended")
    recorded_texts(tiny(family).base_model, TEXTS, [hooked], keep_special=True)
    seen = recorded_texts(graphs[family], TEXTS, [added])
    assert {p.causal for p in added.passages} == {family in CAUSAL}
    assert seen.integrity["blocks.2.resid_post"] <= 1e-5
    for one, other in zip(hooked.passages, added.passages, strict=True):
        assert (one.text, one.block) == (other.text, other.block)
        for field in ("before", "after", "pattern", "attended"):
            assert np.allclose(getattr(one, field), getattr(other, field), atol=1e-5), field


def test_a_padded_batch_is_masked(graphs):
    alone, together = Kept(), Kept()
    recorded_texts(graphs["bert"], TEXTS, [alone])
    recorded_texts(graphs["bert"], TEXTS, [together], batch=2)
    ordered = sorted(together.passages, key=lambda p: (p.text, p.block))
    assert all(np.allclose(a.after, b.after, atol=1e-5) for a, b in zip(alone.passages, ordered, strict=True))


def test_a_state_that_is_not_the_last_one_is_noticed(graphs, monkeypatch):
    def short(model):
        anatomy = anatomy_of(model)
        return type(anatomy)(anatomy.blocks[:-1], anatomy.norm, anatomy.normed)

    monkeypatch.setattr(_onnx_recorder, "anatomy_of", short)
    with pytest.raises(InputError, match=r"blocks.1.resid_post differs"):
        recorded_texts(graphs["bert"], TEXTS, [])


def test_scores_are_those_of_the_network_and_the_recorder_leaves_it(graphs):
    net, ids = wrap(str(graphs["bert"])), np.array(TEXTS[:1])
    own = wrap(tiny("bert").base_model).scores(ids)
    assert np.allclose(net.scores(ids), own, atol=1e-5)
    assert np.allclose(net.scores({"input_ids": ids, "attention_mask": np.ones_like(ids)}), own, atol=1e-5)
    with record(net, reducers=[], keep="blocks.0.resid_pre") as seen:
        assert np.allclose(net.scores(ids), own, atol=1e-5)
    assert net.runner is None
    assert seen.states["blocks.0.resid_pre"][0].shape == (5, 16)
    assert "pooler" not in "".join(net.shapes())
    assert (60, 16) in net.shapes().values()


def test_random_weights_are_the_same_numbers_elsewhere(graphs):
    net = wrap(graphs["bert"])
    mixed, again = random_weights(net, 3), random_weights(net, 3)
    ids = np.array(TEXTS[:1])
    assert np.array_equal(mixed.scores(ids), again.scores(ids))
    assert not np.allclose(mixed.scores(ids), net.scores(ids), atol=0.1)
    assert mixed.shapes() == net.shapes()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"ids": np.ones((1, 2))}, "has no input 'ids'; it has"),
        ({"attention_mask": np.ones((1, 2))}, "needs the input 'input_ids'"),
        (np.ones((1, 2, 3), dtype=int), "needs the input 'attention_mask'"),
        (np.full((1, 2), 99), "does not take these rows"),
        (np.ones((0, 2), dtype=int), "at least one row"),
    ],
)
def test_rows_that_do_not_fit_are_refused_in_a_line(rows, message, graphs):
    with pytest.raises(InputError, match=message) as refused:
        wrap(graphs["bert"]).scores(rows)
    assert "\n" not in str(refused.value)


def test_files_that_are_no_graph_are_refused(tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    for name, message in (("broken.onnx", "no readable ONNX graph"), ("absent.onnx", "is not there")):
        with pytest.raises(InputError, match=message):
            wrap(tmp_path / name)


def test_a_graph_without_attention_is_refused(tmp_path):
    value = onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    ends = [value(name, onnx.TensorProto.FLOAT, ["rows", 2]) for name in ("x", "y")]
    graph = onnx.helper.make_graph([node], "relu", ends[:1], ends[1:])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)]), tmp_path / "relu.onnx")
    net = wrap(tmp_path / "relu.onnx")
    assert net.scores([[-1.0, 2.0]]).tolist() == [[0.0, 2.0]]
    with pytest.raises(InputError, match="no blocks of attention"), record(net, reducers=[]):
        pass
    with pytest.raises(InputError, match="only networks of torch can be iterated"):
        recorded_texts(net, [[1, 2]], [], iterate=3)


def test_torch_is_not_needed_for_a_graph(graphs, monkeypatch):
    monkeypatch.setattr("fathometer.network.adapters._wrap.is_torch", lambda _: False)
    assert torch.is_tensor(torch.ones(1))
    assert recorded_texts(graphs["gpt2"], TEXTS, []).texts == 2
