"""Record the hidden states of a real Transformer layer by layer, and of the same network with random weights.

The model is the ALBERT of rxnmapper 0.4.3 (MIT), whose weights come inside the package and are shared by its layers, so
that its one layer can be iterated beyond the twelve that it was trained with. To run it again:

    python -m pip download --no-deps rxnmapper==0.4.3
    python -m zipfile -e rxnmapper-0.4.3-py3-none-any.whl rxnmapper_wheel
    python tools/albert_layers.py rxnmapper_wheel hidden.npz

It needs torch and transformers, which the library itself does not. The file has arrays "hidden" and "control", both of
shape (layers + 1, tokens, dim), layer 0 being what enters the first layer: `fathometer attention layers hidden.npz` and
`fathometer attention figure cosine-histograms --hidden hidden.npz` read it, and `tools/albert_histograms.py` makes the
small array of the package from it.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from albert_tokens import TOKEN, load_model
from numpy.typing import NDArray

FIRST = "CC(C)S.CN(C)C=O.Fc1cccnc1F.O=C([O-])[O-].[K+].[K+]>>CC(C)Sc1ncccc1F"
SECOND = "C1COCCO1.CC(C)(C)OC(=O)CONC(=O)NCc1cccc2ccccc12.Cl>>O=C(O)CONC(=O)NCc1cccc2ccccc12"
THIRD = "C=CCN=C=S.CNCc1ccc(C#N)cc1.NNC(=O)c1cn2c(n1)CCCC2>>C=CCN1C(C2=CN3CCCCC3=N2)=NN=C1N(C)CC1=CC=C(C#N)C=C1"
LAYERS = 400
SEED = 0


def main(wheel: Path, target: Path) -> None:
    """Send one long sequence through the trained and through the random network."""
    model, vocabulary = load_model(wheel)
    words = ["[CLS]", *TOKEN.findall(_long_reaction()), "[SEP]"]
    ids = torch.tensor([[vocabulary[word] for word in words]])
    torch.manual_seed(SEED)
    control = type(model)(model.config).eval()  # initialised as for training: normal entries of the configured width
    arrays = {"hidden": _iterate(model, ids), "control": _iterate(control, ids)}
    np.savez_compressed(target, **arrays, words=np.array(words))
    print(f"{target}: {arrays['hidden'].shape} each")


def _long_reaction() -> str:
    """Three reactions of the package's introduction and tests as one: all educts, then all products."""
    sides = [reaction.split(">>") for reaction in (FIRST, SECOND, THIRD)]
    return ">>".join(".".join(side) for side in zip(*sides, strict=True))


def _iterate(model: torch.nn.Module, ids: torch.Tensor) -> NDArray[np.float32]:
    """Hidden states of the embedding and of `LAYERS` applications of the shared layer.

    Raises:
        SystemExit: if they are not those of the model itself.
    """
    with torch.no_grad():
        encoder = model.albert.encoder
        states = [encoder.embedding_hidden_mapping_in(model.albert.embeddings(ids))]
        layer = encoder.albert_layer_groups[0].albert_layers[0]
        for _ in range(LAYERS):
            output = layer(states[-1])
            states.append(output[0] if isinstance(output, tuple) else output)
        reference = model.albert(ids, output_hidden_states=True).hidden_states
        worst = max(float((a - b).abs().max()) for a, b in zip(reference, states, strict=False))
    if worst > 1e-4:
        raise SystemExit(f"iterating the layer differs from the model's own states by {worst:.2g}")
    return torch.stack(states)[:, 0].numpy().astype(np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
