"""Make `src/fathometer/data/albert_tokens.npz`: the embedding-layer tokens of a real Transformer.

The model is the ALBERT of rxnmapper 0.4.3 (MIT), whose weights come inside the package. To run it again:

    python -m pip download --no-deps rxnmapper==0.4.3
    python -m zipfile -e rxnmapper-0.4.3-py3-none-any.whl rxnmapper_wheel
    python tools/albert_tokens.py rxnmapper_wheel src/fathometer/data/albert_tokens.npz

It needs torch and transformers, which the library itself does not.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AlbertConfig, AlbertForMaskedLM

REACTION = "CC(C)S.CN(C)C=O.Fc1cccnc1F.O=C([O-])[O-].[K+].[K+]>>CC(C)Sc1ncccc1F"
TOKEN = re.compile(r"\[[^\]]+\]|Br?|Cl?|>>|%\d{2}|[A-Za-z]|[0-9.()=#\-+\\/:~@?>*$]")
SHAPE = (
    "vocab_size embedding_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_hidden_groups "
    "inner_group_num max_position_embeddings type_vocab_size hidden_act layer_norm_eps"
).split()


def load_model(wheel: Path) -> tuple[AlbertForMaskedLM, dict[str, int]]:
    """Return the model with its trained weights, and the number of every word.

    Raises:
        SystemExit: if the weights do not fit.
    """
    folder = next(wheel.glob("rxnmapper/models/transformers/albert*"))
    shape = json.loads((folder / "config.json").read_text())
    model = AlbertForMaskedLM(AlbertConfig(**{name: shape[name] for name in SHAPE})).eval()
    state = torch.load(folder / "pytorch_model.bin", weights_only=True, map_location="cpu")
    missing, unexpected = model.load_state_dict(state, strict=False)
    unused = [name for name in unexpected if "pooler" not in name]
    if missing or unused:
        raise SystemExit(f"weights do not fit: missing {missing}, unexpected {unused}")
    return model, {word: i for i, word in enumerate((folder / "vocab.txt").read_text().splitlines())}


def main(wheel: Path, target: Path) -> None:
    """Tokenise the reaction, run the embedding layer and store what comes out.

    Raises:
        SystemExit: if the weights or the vocabulary do not fit.
    """
    model, vocabulary = load_model(wheel)
    words = ["[CLS]", *TOKEN.findall(REACTION), "[SEP]"]
    if "".join(words[1:-1]) != REACTION:
        raise SystemExit(f"the reaction was not tokenised whole: {words}")
    with torch.no_grad():
        output = model.albert(torch.tensor([[vocabulary[word] for word in words]]), output_hidden_states=True)
    tokens = output.hidden_states[0][0].numpy().astype(np.float32)
    np.savez_compressed(target, hidden=tokens, words=np.array(words), text=np.array(REACTION))
    print(f"{target}: {tokens.shape[0]} tokens in dimension {tokens.shape[1]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
