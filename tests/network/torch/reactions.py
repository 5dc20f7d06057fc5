"""Reactions as token ids of the public ALBERT."""

import re

import numpy as np

TOKEN = re.compile(r"\[[^\]]+\]|Br?|Cl?|>>|%\d{2}|[A-Za-z]|[0-9.()=#\-+\\/:~@?>*$]")
SUZUKI = "CC(=O)Cl.NCc1ccccc1.CCN(CC)CC>>CC(=O)NCc1ccccc1.O=C(O)c1ccc(Br)cc1.OB(O)c1ccccc1>>O=C(O)c1ccc(-c2ccccc2)cc1"
"""105 tokens with [CLS] and [SEP]."""
THREE = (
    "CC(C)S.CN(C)C=O.Fc1cccnc1F.O=C([O-])[O-].[K+].[K+]>>CC(C)Sc1ncccc1F",
    "C1COCCO1.CC(C)(C)OC(=O)CONC(=O)NCc1cccc2ccccc12.Cl>>O=C(O)CONC(=O)NCc1cccc2ccccc12",
    "C=CCN=C=S.CNCc1ccc(C#N)cc1.NNC(=O)c1cn2c(n1)CCCC2>>C=CCN1C(C2=CN3CCCCC3=N2)=NN=C1N(C)CC1=CC=C(C#N)C=C1",
)
LONG = ">>".join(".".join(side) for side in zip(*(reaction.split(">>") for reaction in THREE), strict=True))
"""Those of `tools/albert_layers.py`, all educts, then all products."""


def ids_of(reaction, folder):
    """Token ids with [CLS] and [SEP]; every character belongs to a token, and every token is known."""
    words = TOKEN.findall(reaction)
    assert "".join(words) == reaction
    vocabulary = {word: i for i, word in enumerate((folder / "vocab.txt").read_text("utf-8").splitlines())}
    return np.array([vocabulary[word] for word in ["[CLS]", *words, "[SEP]"]])
