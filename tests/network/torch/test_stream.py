"""Many texts go through in the memory of one."""

import resource

import numpy as np
import torch
import transformers

from fathometer.network import recorded_texts
from tests.network.torch.families import SIZES


class Counted:
    """Counts what it sees, and remembers how much memory was taken after the first texts."""

    def __init__(self):
        self.passages, self.early = 0, 0

    def see(self, passage):
        assert passage.before.shape == (512, 16)
        self.passages += 1
        if self.passages == 40:
            self.early = peak()


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_thousand_texts_of_512_tokens_need_no_more_memory_than_twenty():
    torch.manual_seed(0)
    sizes = SIZES | {"max_position_embeddings": 512, "num_hidden_layers": 2}
    model = transformers.BertModel(transformers.BertConfig(**sizes)).eval()
    texts, counted = np.random.default_rng(0).integers(5, 60, (1000, 512)), Counted()
    seen = recorded_texts(model, texts, [counted])
    assert (seen.texts, counted.passages) == (1000, 2000)
    assert peak() - counted.early < 20 * 2**20  # the states of all texts take 98 MB
