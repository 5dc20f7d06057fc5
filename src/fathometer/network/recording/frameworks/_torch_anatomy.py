"""Where the blocks of a torch module are, their attention and what it adds."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fathometer.evidence import InputError
from fathometer.network.recording._sites import Sites

ATTENTIONS = ("attention", "attn", "self_attn", "self_attention", "att")
"""Names that libraries give the attention of a block; a module with such a part is a block."""
LISTS = ("ModuleList", "Sequential", "ModuleDict")
"""Classes whose modules may be blocks."""

OUTPUTS = ("o_proj", "out_proj", "c_proj", "dense", "out_lin", "proj", "wo", "o")
"""Names of the matrix that makes what an attention adds, where it is not the last of its linear maps."""


@dataclass(frozen=True)
class BlockParts:
    """A block and its parts.

    Attributes:
        name: of the module.
        module: the block.
        attention: its attention, if there is one.
        attention_out: the module whose output the attention adds to the stream.
        mlp_out: the module whose output the rest of the block adds.
        causal: whether its attention says that tokens see only those before them.
    """

    name: str
    module: Any
    attention: Any = None
    attention_out: Any = None
    mlp_out: Any = None
    causal: bool = False

    @property
    def patterns(self) -> list[Any]:
        """Modules that may give the weights of the attention."""
        return [] if self.attention is None else list(self.attention.modules())

    @property
    def time_first(self) -> bool:
        """Whether tokens come before texts, as in torch's own attention unless batch_first."""
        return any(getattr(part, "batch_first", True) is False for part in self.module.modules())


def blocks_in(model: Any, sites: Sites) -> tuple[list[BlockParts], bool]:
    """The blocks of a module: by the names of modules if sites are such, by their attention otherwise.

    Args:
        model: a module of torch.
        sites: patterns.

    Returns:
        The blocks, and whether they were recognised by their attention.

    Raises:
        InputError: if there are none.
    """
    if getattr(getattr(model, "config", None), "is_encoder_decoder", False):
        raise InputError("a network with an encoder and a decoder has two residual streams: bring one of its halves")
    named = dict(model.named_modules())
    found = [name for name, module in named.items() if name and attention_of(module) is not None]
    recognised = sites.standard and bool(found)
    if not recognised:
        found = [name for name in named if name and sites.match(name)]
    if not found:
        raise InputError(_unrecognised(named, sites))
    return [_parts(name, named[name]) for name in _outermost(found)], recognised


def _unrecognised(named: dict[str, Any], sites: Sites) -> str:
    """What to say where no module is a block: where the blocks may be."""
    several = [f"{name}.*" for name, module in named.items() if name and type(module).__name__ in LISTS]
    where = f"blocks may be {', '.join(several[:8])}" if several else "it has no list of modules that could be blocks"
    if sites.standard:
        return f"no module with an attention was recognised as a block ({where}); sites (--sites) can name the blocks"
    return f"sites {','.join(sites.patterns)!r} match no module ({where})"


def attention_of(block: Any) -> Any:
    """The attention of a block, or None; T5 keeps it in the first of a list."""
    listed: Any = getattr(block, "layer", None)
    inner = getattr(listed[0], "SelfAttention", None) if type(listed).__name__ == "ModuleList" and len(listed) else None
    return next((part for name, part in block.named_children() if name in ATTENTIONS), inner)


def final_norms(model: Any, blocks: list[BlockParts]) -> list[Any]:
    """Norms outside the blocks: the one that takes what the last block gives is the final one."""
    inside = {id(part) for block in blocks for part in block.module.modules()}
    return [part for part in model.modules() if "Norm" in type(part).__name__ and id(part) not in inside]


def is_pretrained(model: Any) -> bool:
    """Whether it is a model of transformers, which gives hidden states of its own."""
    transformers = sys.modules.get("transformers")
    return transformers is not None and isinstance(model, transformers.PreTrainedModel)


def _parts(name: str, block: Any) -> BlockParts:
    attention = attention_of(block)
    if attention is None:
        return BlockParts(name, block)
    of_attention = {id(part) for part in attention.modules()}
    rest = [part for part in _linear(block) if id(part) not in of_attention]
    own = attention if type(attention).__name__ == "MultiheadAttention" else _output_of(attention)
    causal = any(getattr(part, "is_causal", False) is True for part in attention.modules())
    return BlockParts(name, block, attention, own, rest[-1] if rest else None, causal)


def _output_of(attention: Any) -> Any:
    """The linear map that makes what an attention adds: the last that is called so, or the last of all."""
    linear = _linear(attention)
    named = [part for name, part in attention.named_modules() if name.rpartition(".")[2] in OUTPUTS]
    called = [part for part in linear if any(part is each for each in named)]
    return next(iter((called or linear)[-1:]), None)


def _linear(module: Any) -> list[Any]:
    """Linear maps in the order in which they were made."""
    names = ("Linear", "Conv1D")
    return [part for part in module.modules() if type(part).__name__.endswith(names)]


def _outermost(names: list[str]) -> Iterator[str]:
    for name in names:
        if not any(name.startswith(f"{other}.") for other in names):
            yield name
