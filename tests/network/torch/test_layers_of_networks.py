"""The report on networks of other kinds: causal ones, images, a module of one's own by name."""

import json
import sys

import numpy as np
import pytest
import torch
import transformers

from fathometer import network
from fathometer.cli import run
from fathometer.evidence import InputError, Status

TEXTS = [np.arange(3, 3 + n) for n in (9, 12, 7)]
FACTORY = """
import torch, transformers

def made():
    torch.manual_seed(0)
    config = transformers.BertConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=40
    )
    return transformers.BertModel(config).eval()
"""


@pytest.fixture(scope="module")
def gpt():
    """A GPT-2 with two small blocks."""
    torch.manual_seed(1)
    config = transformers.GPT2Config(n_layer=2, n_embd=16, n_head=2, vocab_size=40, n_positions=32)
    return transformers.GPT2LMHeadModel(config).eval()


def test_a_causal_network_has_the_causal_theorems(gpt):
    with network.record(gpt) as seen, torch.no_grad():
        for text in TEXTS:
            gpt(input_ids=torch.tensor(text)[None])
    report = seen.report(seed=3)
    assert report.causal
    assert report.texts == 3
    theorems = {each.verdict.theorem for each in report.beside}
    assert {"hemisphere_weights", "causal_limit"} <= theorems
    assert {each.verdict.status for each in report.beside} <= {Status.INAPPLICABLE, Status.UNDECIDED}
    assert set(report.sites[0].step.ladder) == {"one", "heads", "pattern", "values"}


def test_its_own_values_explain_more_of_a_pre_norm_block_than_the_model_does(gpt):
    report = network.recorded_texts(gpt, TEXTS).report(control=None)
    for site in report.sites[:-1]:
        ladder = site.step.ladder
        assert ladder["values"].explained.value > ladder["one"].explained.value


def test_a_report_needs_the_texts_again_for_a_control(gpt):
    with network.record(gpt) as seen, torch.no_grad():
        gpt(inputs_embeds=torch.randn(1, 6, 16))
    with pytest.raises(InputError, match="a control needs the texts again"):
        seen.report()
    assert seen.report(control=None).texts == 1


def test_a_factory_and_images_by_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "brought_bert.py").write_text(FACTORY)
    np.savez("ids.npz", *TEXTS)
    assert run("network layers brought_bert:made --ids ids.npz --control shuffled --fine --json".split()) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["texts"], document["control"], len(document["sites"])) == (3, "shuffled", 3)
    assert run("network layers brought_bert:made --text ids.npz --json".split()) == 2
    sys.modules.pop("brought_bert", None)


def test_images_are_texts_of_patches(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(2)
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=8, patch_size=4
    )
    transformers.ViTModel(config).save_pretrained("vit")
    np.savez("images.npz", pixel_values=np.random.default_rng(0).random((2, 3, 8, 8), np.float32))
    capsys.readouterr()
    assert run("network layers vit --ids images.npz --json".split()) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["texts"], document["tokens"]) == (2, 10)
    assert document["sites"][0]["control"] is not None
