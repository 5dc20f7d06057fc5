"""Tiny networks of several families, with random weights, and a reducer that keeps everything."""

from collections.abc import Callable
from typing import Any

import torch
import transformers

SIZES = {
    "vocab_size": 60,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 32,
}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


def bert() -> Any:
    return transformers.BertModel(transformers.BertConfig(**SIZES))


def roberta() -> Any:
    return transformers.RobertaForMaskedLM(transformers.RobertaConfig(**SIZES))


def albert() -> Any:
    return transformers.AlbertForMaskedLM(transformers.AlbertConfig(**SIZES, embedding_size=8, pad_token_id=0))


def distilbert() -> Any:
    sizes = {"vocab_size": 60, "dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 24, "max_position_embeddings": 32}
    return transformers.DistilBertModel(transformers.DistilBertConfig(**sizes))


def gpt2() -> Any:
    sizes = {"vocab_size": 60, "n_embd": 16, "n_layer": 3, "n_head": 2, "n_positions": 32}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, **SPECIAL))


def llama() -> Any:
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**SIZES, num_key_value_heads=1, **SPECIAL))


def mistral() -> Any:
    return transformers.MistralModel(transformers.MistralConfig(**SIZES, num_key_value_heads=1, **SPECIAL))


def qwen() -> Any:
    return transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**SIZES, num_key_value_heads=1, **SPECIAL))


def neox() -> Any:
    return transformers.GPTNeoXForCausalLM(transformers.GPTNeoXConfig(**SIZES, **SPECIAL))


def opt() -> Any:
    sizes = {key: SIZES[key] for key in SIZES if key != "intermediate_size"}
    return transformers.OPTModel(transformers.OPTConfig(**sizes, ffn_dim=24, word_embed_proj_dim=16, **SPECIAL))


def vit() -> Any:
    sizes = {key: SIZES[key] for key in SIZES if key not in ("vocab_size", "max_position_embeddings")}
    return transformers.ViTModel(transformers.ViTConfig(**sizes, image_size=8, patch_size=4))


def falcon() -> Any:
    return transformers.FalconForCausalLM(transformers.FalconConfig(**SIZES, attn_implementation="eager", **SPECIAL))


def t5() -> Any:
    sizes = {"vocab_size": 60, "d_model": 16, "d_kv": 8, "d_ff": 24, "num_layers": 3, "num_heads": 2}
    return transformers.T5EncoderModel(transformers.T5Config(**sizes))


FAMILIES: dict[str, Callable[[], Any]] = {
    made.__name__: made
    for made in (bert, roberta, albert, distilbert, gpt2, llama, mistral, qwen, neox, opt, vit, falcon, t5)
}


def bloom() -> Any:
    sizes = {"vocab_size": 60, "hidden_size": 16, "n_layer": 3, "n_head": 2}
    return transformers.BloomModel(transformers.BloomConfig(**sizes, **SPECIAL))


def phi3() -> Any:
    return transformers.Phi3Model(transformers.Phi3Config(**SIZES, num_key_value_heads=1, **SPECIAL))


def falcon_of_many_heads() -> Any:
    sizes = {**SIZES, "num_attention_heads": 4, "num_kv_heads": 2, "new_decoder_architecture": True}
    return transformers.FalconModel(transformers.FalconConfig(**sizes, attn_implementation="eager", **SPECIAL))


FUSED: dict[str, Callable[[], Any]] = {
    made.__name__: made for made in (neox, bloom, phi3, falcon, falcon_of_many_heads)
}
"""Families with one matrix for queries, keys and values, in several orders."""
NORM_AFTER = ("bert", "roberta", "albert", "distilbert")
"""Families whose residual stream is what a norm gives."""
CAUSAL = ("gpt2", "llama", "mistral", "qwen", "neox", "opt", "falcon")


def tiny(family: str, seed: int = 0) -> Any:
    """A network of a family in evaluation mode, with weights so large that attention is not uniform."""
    torch.manual_seed(seed)
    model = {**FAMILIES, **FUSED}[family]().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 2:
                parameter.mul_(4)
    return model


class Kept:
    """Keeps every passage."""

    def __init__(self, *asks: str) -> None:
        self.asks, self.passages, self.dropped = asks, [], []

    def see(self, passage: Any) -> None:
        self.passages.append(passage)

    def drop(self, text: int) -> None:
        self.dropped.append(text)
