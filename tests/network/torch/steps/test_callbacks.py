"""Callbacks of trainers: a look before the step, in a training that stays the same."""

import math
import sys
import types
import warnings

import pytest
import torch

from fathometer.evidence import InputError
from fathometer.network.steps import Watch
from tests.network.torch.steps._networks import classifier, data, loss, same


def bert(seed: int):
    from transformers import BertConfig, BertForSequenceClassification, set_seed

    set_seed(seed)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    return BertForSequenceClassification(BertConfig(vocab_size=30, max_position_embeddings=8, num_labels=2, **shape))


def trained_by_transformers(watch: Watch | None, ids, labels, folder):
    from transformers import Trainer, TrainingArguments

    model = bert(0)
    rows = [
        {"input_ids": i, "attention_mask": torch.ones_like(i), "labels": y} for i, y in zip(ids, labels, strict=True)
    ]
    quiet = {"report_to": [], "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True, "use_cpu": True}
    arguments = TrainingArguments(output_dir=str(folder), num_train_epochs=2, per_device_train_batch_size=8, **quiet)
    callbacks = [] if watch is None else [watch.transformers()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Trainer(model, arguments, train_dataset=rows, callbacks=callbacks).train()
    return model


def test_the_trainer_of_transformers(tmp_path):
    ids = torch.randint(0, 30, (24, 6), generator=torch.Generator().manual_seed(0))
    labels = (ids[:, 0] > 15).long()
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    watch = Watch(lambda model, b: model(**b).loss, batch, every=2, overhead=math.inf, products=5)
    model = trained_by_transformers(watch, ids, labels, tmp_path)
    assert [moment.step for moment in watch.history.moments] == [0, 2, 4]
    assert watch.history.moments[-1].edge is not None
    assert same(model, trained_by_transformers(None, ids, labels, tmp_path))


def test_lightning_by_its_hooks(monkeypatch):
    """The hook and its order of arguments; docs/network-steps.md says how it was tried with Lightning itself."""
    package = types.ModuleType("pytorch_lightning")
    package.Callback = type("Callback", (), {})
    monkeypatch.setitem(sys.modules, "pytorch_lightning", package)
    watch = Watch(loss, data(), overhead=math.inf, products=5)
    callback = watch.lightning()
    assert isinstance(callback, package.Callback)
    model = classifier()
    loss(model, *data()).backward()
    callback.on_before_optimizer_step(None, model, torch.optim.SGD(model.parameters(), 0.1))
    callback.on_fit_end(None, model)
    assert len(watch.history.moments) == 1


def test_without_lightning_one_line_says_so(monkeypatch):
    for name in ("lightning", "lightning.pytorch", "pytorch_lightning"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match="needs lightning: pip install lightning"):
        Watch(loss, data()).lightning()
