"""Hooks on networks of torch: what passes the blocks is what the network itself computes."""

from contextlib import suppress

import numpy as np
import pytest
import torch
import transformers

from fathometer.evidence import InputError
from fathometer.network import record, recorded_texts, wrap
from fathometer.network.recording import Recording
from fathometer.network.recording.frameworks import _torch_recorder
from tests.network.torch.families import CAUSAL, FAMILIES, NORM_AFTER, Kept, tiny

TEXTS = [[5, 9, 30, 7, 11], [8, 4, 3, 21]]
IMAGES = [{"pixel_values": np.random.default_rng(0).standard_normal((2, 3, 8, 8))}]


def texts_for(family):
    return IMAGES if family == "vit" else TEXTS


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_recorded_as_it_computes(family):
    kept = Kept("pattern", "attended")
    seen = recorded_texts(tiny(family), texts_for(family), [kept], keep="*", keep_special=True)
    assert (seen.blocks, seen.texts, len(kept.passages)) == (3, 2, 6)
    assert {f"blocks.{i}.resid_{part}" for i in range(3) for part in ("pre", "post")} <= set(seen.integrity)
    assert max(seen.integrity.values()) <= 1e-5
    assert {p.causal for p in kept.passages} == {family in CAUSAL}
    assert all(np.allclose(p.pattern.sum(axis=2), 1, atol=1e-6) for p in kept.passages)
    if family not in NORM_AFTER:
        parts = [seen.states[f"blocks.1.{part}"][0] for part in ("resid_pre", "attn_out", "mlp_out", "resid_post")]
        assert np.allclose(parts[0] + parts[1] + parts[2], parts[3], atol=1e-6)
        assert np.array_equal(next(p for p in kept.passages if (p.text, p.block) == (0, 1)).attended, parts[1])
        assert np.array_equal(seen.states["final_norm.pre"][0], seen.states["blocks.2.resid_post"][0])


def test_what_attention_adds_before_a_norm_is_what_the_norm_takes():
    model, kept = tiny("bert"), Kept("attended")
    recorded_texts(model, TEXTS[:1], [kept])
    output = model.encoder.layer[0].attention.output
    taken = output.LayerNorm(torch.as_tensor(kept.passages[0].before + kept.passages[0].attended))
    after = model.encoder.layer[0].feed_forward_chunk(taken)
    assert np.allclose(after.detach(), kept.passages[0].after, atol=1e-6)


def test_a_block_that_is_missed_is_noticed(monkeypatch):
    whole = _torch_recorder.blocks_in
    monkeypatch.setattr(_torch_recorder, "blocks_in", lambda *given: (whole(*given)[0][1:], True))
    with pytest.raises(InputError, match="2 blocks were recorded, but the network has 4 hidden states"):
        recorded_texts(tiny("bert"), TEXTS, [])


@pytest.mark.parametrize("family", ["albert", "gpt2"])
def test_states_of_the_block_before_are_noticed(family, monkeypatch):
    """A recorder that hands on what left the block before last is one block off."""
    hand_on, late = Recording.passage, []

    def one_off(self, block, before, after, causal, parts):
        late.append((before, after))
        hand_on(self, block, *late[max(block - 1, 0)], causal, parts)

    monkeypatch.setattr(Recording, "passage", one_off)
    with pytest.raises(InputError, match=r"blocks\.\d\.resid_p(re|ost) differs from the network's own hidden states"):
        recorded_texts(tiny(family), TEXTS[:1], [])


@pytest.mark.parametrize("family", ["gpt2", "llama", "vit"])
def test_a_last_block_that_is_not_what_enters_the_final_norm_is_noticed(family, monkeypatch):
    hand_on = Recording.passage

    def wrong(self, block, before, after, *rest):
        hand_on(self, block, before, after + (block == 2), *rest)

    monkeypatch.setattr(Recording, "passage", wrong)
    texts = [{"pixel_values": np.ones((1, 3, 8, 8))}] if family == "vit" else TEXTS[:1]
    with pytest.raises(InputError, match=r"blocks.2.resid_post differs from the network's own"):
        recorded_texts(tiny(family), texts, [])


def test_a_block_that_is_missing_among_the_numbers_is_noticed(monkeypatch):
    hand_on = Recording.passage
    monkeypatch.setattr(Recording, "passage", lambda self, block, *rest: hand_on(self, block + 1, *rest))
    with pytest.raises(InputError, match=r"blocks.0.resid_pre was not recorded"):
        recorded_texts(tiny("bert"), TEXTS[:1], [])


@pytest.mark.parametrize("family", ["gpt2", "llama", "neox"])
def test_padding_on_the_left_leaves_a_causal_network_causal(family):
    """A row of padding on the left looks nowhere, which its mask rounds to everywhere."""
    net, kept, alone = wrap(tiny(family)), Kept(), Kept()
    ids, mask = torch.tensor([[0, 0, 7, 8, 9], [5, 6, 7, 8, 9]]), torch.tensor([[0, 0, 1, 1, 1], [1] * 5])
    kept.asks = alone.asks = ("pattern",)
    with record(net, reducers=[kept]), torch.no_grad():
        net.model(ids, attention_mask=mask, position_ids=(mask.cumsum(1) - 1).clip(min=0))
    recorded_texts(net, [[7, 8, 9]], [alone])
    assert all(passage.causal for passage in kept.passages)
    for one, other in zip((p for p in kept.passages if p.text == 0), alone.passages, strict=True):
        assert np.allclose(one.after, other.after, atol=1e-4)


def test_numbers_that_are_not_finite_are_not_taken_for_randomness():
    model = tiny("bert")
    with torch.no_grad():
        model.encoder.layer[1].output.dense.weight[0, 0] = float("nan")
    with pytest.raises(InputError, match=r"(differs from)|(must be finite)"):
        recorded_texts(model, TEXTS[:1])


def test_before_and_after_exchanged_are_noticed(monkeypatch):
    hand_on = Recording.passage
    monkeypatch.setattr(
        Recording,
        "passage",
        lambda self, block, before, after, *rest: hand_on(self, block, after, before, *rest),
    )
    with pytest.raises(InputError, match="differs from the network's own"):
        recorded_texts(tiny("llama"), TEXTS, [])


def test_a_batch_with_padding_gives_what_each_text_gives_alone():
    for family in ("bert", "gpt2", "llama"):
        alone, together = Kept("pattern", "attended"), Kept("pattern", "attended")
        recorded_texts(tiny(family), TEXTS, [alone])
        recorded_texts(tiny(family), TEXTS, [together], batch=2)
        ordered = sorted(together.passages, key=lambda p: (p.text, p.block))
        for one, other in zip(alone.passages, ordered, strict=True):
            assert (one.text, one.block) == (other.text, other.block)
            for field in ("before", "after", "pattern", "attended"):
                assert np.allclose(getattr(one, field), getattr(other, field), atol=1e-5)


def test_padding_and_special_tokens_are_left_out_and_said():
    net, ids = wrap(tiny("llama")), torch.tensor([[1, 7, 8, 9, 2, 0], [1, 5, 6, 2, 0, 0]])
    kept, all_kept = Kept(), Kept()
    with record(net, reducers=[kept]) as seen, torch.no_grad():
        net.model(ids, attention_mask=(ids != 0).long())
    assert [len(p.before) for p in kept.passages if p.block == 0] == [3, 2]
    assert seen.notes == ("padding and special tokens are left out: ids 0, 1, 2 of the configuration",)
    with record(net, reducers=[all_kept], keep_special=True) as seen, torch.no_grad():
        net.model(ids, attention_mask=(ids != 0).long())
    assert [len(p.before) for p in all_kept.passages if p.block == 0] == [5, 4]
    assert seen.notes == ("padding is left out, special tokens are kept",)


def test_texts_with_too_few_tokens_are_passed_over_and_said():
    kept = Kept()
    seen = recorded_texts(tiny("llama"), [[1, 7, 2], *TEXTS], [kept])
    assert {p.text for p in kept.passages} == {1, 2}
    assert "1 of 3 texts have fewer than two tokens left and are passed over" in seen.notes
    with pytest.raises(InputError, match="none of the 1 texts has two tokens left"):
        recorded_texts(tiny("llama"), [[1, 7, 2]], [])


def test_only_the_blocks_and_states_that_are_asked_for():
    kept = Kept()
    seen = recorded_texts(tiny("gpt2"), TEXTS, [kept], sites="blocks.1.*", keep="blocks.2.resid_pre,final_norm.post")
    assert {p.block for p in kept.passages} == {1}
    assert {name: [x.shape for x in states] for name, states in seen.states.items()} == {
        "blocks.2.resid_pre": [(5, 16), (4, 16)],
        "final_norm.post": [(5, 16), (4, 16)],
    }
    assert all(p.pattern is None and p.attended is None for p in kept.passages)


def test_more_states_than_memory_allows_are_refused():
    with pytest.raises(InputError, match=r"takes 640 B at blocks.1.resid_pre of text 0, more than the 500 B"):
        recorded_texts(tiny("gpt2"), TEXTS, [], keep="blocks.*.resid_pre", memory="500B")


def test_training_mode_is_refused_at_the_start_and_later():
    net = wrap(tiny("bert").train())
    with pytest.raises(InputError, match="the network is in training mode"), record(net):
        pass
    net.model.eval()
    with record(net):
        net.model.encoder.layer[1].output.dropout.train()
        with pytest.raises(InputError, match=r"encoder.layer.1.output.dropout is in training mode"):
            net.model(torch.tensor(TEXTS[:1]))


def test_texts_in_training_mode_go_through_in_evaluation_mode():
    model = tiny("bert").train()
    recorded_texts(model, TEXTS, [])
    assert all(part.training for part in model.modules())


def test_nothing_is_left_on_the_network():
    model = tiny("gpt2")
    hooks = {name: len(part._forward_hooks) + len(part._forward_pre_hooks) for name, part in model.named_modules()}
    kernel = model.config._attn_implementation
    before = model(torch.tensor(TEXTS[:1])).logits
    with suppress(KeyError), record(model, reducers=[Kept("pattern")]):
        model(torch.tensor(TEXTS[:1]))
        raise KeyError
    assert model.config._attn_implementation == kernel
    assert torch.equal(model(torch.tensor(TEXTS[:1])).logits, before)
    own = {name: len(part._forward_hooks) + len(part._forward_pre_hooks) for name, part in model.named_modules()}
    extra = {name for name in own if own[name] != hooks[name]}
    assert all(name.split(".")[-1].isdigit() or name.endswith("attn") for name in extra)  # transformers keeps its own


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([[5] * 33], "text 0 has 33 tokens, the network takes at most 32"),
        ([[5, 6], [5, 60]], "from 0 to 59, got 60 in text 1"),
        ([[5, 6], [-1, 6]], "from 0 to 59, got -1 in text 1"),
        ([], "at least one text"),
        ([[5, 6], []], "text 1 must be a sequence of token ids"),
        ([[0.5, 6]], "text 0 must be a sequence of token ids"),
        ([{"input_ids": [[5, 6]], "token_type_ids": [[9, 9]]}], "does not take text 0"),
    ],
)
def test_texts_that_do_not_fit_are_refused_in_a_line(texts, message):
    with pytest.raises(InputError, match=message) as refused:
        recorded_texts(tiny("bert"), texts, [])
    assert "\n" not in str(refused.value)


def test_roberta_has_fewer_positions_than_it_says():
    seen = recorded_texts(tiny("roberta"), [[5] * 30], [])
    assert seen.texts == 1
    with pytest.raises(InputError, match="31 tokens, the network takes at most 30"):
        recorded_texts(tiny("roberta"), [[5] * 31], [])


def test_a_part_of_the_network_alone_is_refused():
    model = tiny("albert")
    with record(model), pytest.raises(InputError, match="the network itself must be called"):
        model.albert(torch.tensor(TEXTS[:1]))


def test_a_recording_of_nothing_is_refused():
    with record(tiny("bert")) as seen:
        pass
    with pytest.raises(InputError, match="nothing was recorded"):
        seen.report()


def test_encoders_with_decoders_are_refused():
    config = transformers.T5Config(
        vocab_size=20, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    with pytest.raises(InputError, match="two residual streams"):
        recorded_texts(transformers.T5Model(config), TEXTS, [])


class Encoder(torch.nn.Module):
    """Torch's own encoder after an embedding."""

    def __init__(self, first=True, norm_first=True):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = torch.nn.Embedding(40, 8)
        layer = torch.nn.TransformerEncoderLayer(8, 2, 12, batch_first=first, norm_first=norm_first)
        self.layers = torch.nn.ModuleList([layer, torch.nn.TransformerEncoderLayer(8, 2, 12, batch_first=first)])
        self.first = first

    def forward(self, ids, src_key_padding_mask=None):
        x = self.embedding(ids)
        x = x if self.first else x.transpose(0, 1)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=src_key_padding_mask)
        return x if self.first else x.transpose(0, 1)


@pytest.mark.parametrize("first", [True, False])
def test_encoders_of_torch_show_their_patterns_and_padding(first):
    model, kept = Encoder(first).eval(), Kept("pattern", "attended")
    ids = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 0]])
    with record(model, reducers=[kept], keep="*") as seen, torch.no_grad():
        output = model(ids, src_key_padding_mask=ids == 0)
    assert [p.before.shape for p in kept.passages] == [(4, 8), (3, 8)] * 2
    assert [p.pattern.shape for p in kept.passages] == [(2, 4, 4), (2, 3, 3)] * 2
    assert np.allclose(kept.passages[2].after, output[0], atol=1e-6)
    x = seen.states["blocks.0.resid_pre"][1]
    assert np.array_equal(x, model.embedding(ids[1, :3]).detach())
    taken = torch.as_tensor(x + kept.passages[1].attended)
    rest = model.layers[0]._ff_block(model.layers[0].norm2(taken))
    assert np.allclose((taken + rest).detach(), kept.passages[1].after, atol=1e-6)
    assert any("no hidden states of its own" in note for note in seen.notes)
    assert (seen.integrity, seen.compared) == ({}, 0)


class Plain(torch.nn.Module):
    """Blocks without anything that is called attention, which add to the stream in place."""

    def __init__(self):
        super().__init__()
        self.steps = torch.nn.ModuleList([Step(), Step()])

    def forward(self, x):
        for step in self.steps:
            x = step(x)
        return x


class Step(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mixing = torch.nn.Linear(4, 4)

    def forward(self, x):
        x += self.mixing(x)
        return x


def test_any_module_is_recorded_by_the_names_of_its_parts():
    model, kept = Plain().eval(), Kept("pattern")
    rows = torch.randn(3, 4)
    with record(model, sites="steps.*", reducers=[kept]) as seen, torch.no_grad():
        model(rows.clone())
    assert np.allclose(kept.passages[0].before, rows)
    assert np.allclose(kept.passages[0].after, rows + model.steps[0].mixing(rows).detach(), atol=1e-6)
    assert seen.blocks == 2
    assert "steps.0 gives no pattern" in seen.notes


def test_modules_that_do_not_follow_each_other_are_said():
    model = torch.nn.Sequential(Step(), torch.nn.Tanh(), Step()).eval()
    with record(model, sites="0,2", reducers=[Kept()]) as seen, torch.no_grad():
        model(torch.randn(3, 4))
    assert any("something else lies between" in note for note in seen.notes)


@pytest.mark.parametrize(
    ("sites", "message"),
    [
        ("residual", r"no module with an attention was recognised as a block \(blocks may be steps\.\*\)"),
        ("nothing.*", r"sites 'nothing\.\*' match no module \(blocks may be steps\.\*\)"),
    ],
)
def test_blocks_that_are_not_recognised_are_refused(sites, message):
    with (
        pytest.raises(InputError, match=message),
        record(Plain().eval(), sites=sites),
    ):
        pass


class Copying(Plain):
    def forward(self, x):
        return super().forward(x.clone())


class Dropping(Copying):
    def forward(self, x):
        return torch.nn.functional.dropout(super().forward(x), 0.5)


def test_dropout_that_evaluation_mode_leaves_on_is_refused():
    texts = [{"x": torch.ones(3, 4)}]
    assert recorded_texts(Copying(), texts, [], sites="steps.*").texts == 1
    with pytest.raises(InputError, match="Dropping gives other numbers for the same text"):
        recorded_texts(Dropping(), texts, [], sites="steps.*")


def test_half_precision_becomes_single_and_is_said():
    kept = Kept()
    seen = recorded_texts(tiny("llama").to(torch.bfloat16), TEXTS, [kept])
    assert kept.passages[0].before.dtype == np.float32
    assert max(seen.integrity.values()) == 0
    assert any("runs in bfloat16" in note for note in seen.notes)


def test_a_call_without_hidden_states_is_said():
    model = tiny("bert")
    with record(model, reducers=[]) as seen, torch.no_grad():
        model(torch.tensor(TEXTS[:1]), return_dict=False)
    assert any("gives no hidden states of its own to compare" in note for note in seen.notes)


def test_a_shared_block_goes_on_beyond_its_depth():
    model, kept = tiny("albert"), Kept()
    seen = recorded_texts(model, TEXTS[:1], [kept], iterate=7)
    model.config.num_hidden_layers = 7
    deep = Kept()
    recorded_texts(model, TEXTS[:1], [deep])
    assert seen.blocks == len(kept.passages) == len(deep.passages) == 7
    assert all(np.allclose(a.after, b.after, atol=1e-5) for a, b in zip(kept.passages, deep.passages, strict=True))
    assert set(seen.integrity) == {f"blocks.{i}.resid_{part}" for i in range(3) for part in ("pre", "post")}


@pytest.mark.parametrize(
    ("family", "times", "message"),
    [("albert", 2, "at least the 3 layers"), ("bert", 9, "weights of their own"), ("albert", 0, "iterate")],
)
def test_what_cannot_be_iterated_is_refused(family, times, message):
    with pytest.raises(InputError, match=message):
        recorded_texts(tiny(family), TEXTS, [], iterate=times)


def test_an_interrupted_run_has_what_it_saw():
    kept = Kept()

    def stop(done, _):
        if done == 1:
            raise KeyboardInterrupt

    seen = recorded_texts(tiny("bert"), [*TEXTS, *TEXTS], [kept], announce=stop)
    assert (seen.interrupted, seen.texts, kept.dropped) == (True, 1, [1])
    assert "interrupted after 1 texts" in seen.notes


def test_a_report_stands_beside_the_same_texts_with_random_weights():
    report = recorded_texts(tiny("bert"), [*TEXTS, *TEXTS]).report(control="random", seed=1)
    assert report.texts == 4
    assert report.control_name == "random"
    assert len(report.sites) == len(report.control) == 4
    with pytest.raises(InputError, match="LayersReducer"):
        recorded_texts(tiny("bert"), TEXTS, []).report()
