"""Which tokens of a text are looked at: padding and special tokens are left out."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPECIAL = ("bos_token_id", "eos_token_id", "pad_token_id", "cls_token_id", "sep_token_id", "mask_token_id")
UNKNOWN = ("[UNK]", "<unk>", "<UNK>")
"""Stand for words of the text, and are kept."""


def kept_tokens(
    ids: NDArray[Any] | None, mask: NDArray[Any] | None, special: Collection[int]
) -> list[NDArray[np.intp]] | None:
    """Positions of the tokens that are looked at, for each text; None for all of them.

    Args:
        ids: token ids, shape (texts, n).
        mask: 0 at padding, shape (texts, n).
        special: ids of tokens that are no words.
    """
    like = mask if ids is None else ids
    if like is None:
        return None
    kept = np.ones(like.shape, dtype=bool)
    if mask is not None:
        kept &= np.asarray(mask) != 0
    if ids is not None and special:
        kept &= ~np.isin(ids, list(special))
    return [np.flatnonzero(row) for row in kept]


def special_ids(network: Any) -> tuple[frozenset[int], str]:
    """Ids of special tokens of a network, and where they are from.

    Returns:
        The ids, and "tokenizer", "configuration" or "" where neither says.
    """
    folder = getattr(network, "folder", None)
    for found in (_of_tokenizer(folder), _of_vocabulary(folder)):
        if found:
            return found, "tokenizer"
    found = _of_config(getattr(network.model, "config", None))
    return found, "configuration" if found else ""


def _of_tokenizer(folder: Path | None) -> frozenset[int]:
    tokens = _read(folder, "tokenizer.json").get("added_tokens", [])
    return frozenset(int(t["id"]) for t in tokens if t.get("special") and t.get("content") not in UNKNOWN)


def _of_vocabulary(folder: Path | None) -> frozenset[int]:
    names = {_content(value) for value in _read(folder, "special_tokens_map.json").values()} - set(UNKNOWN)
    if folder is None or not (folder / "vocab.txt").is_file():
        return frozenset()
    words = (folder / "vocab.txt").read_text("utf-8").splitlines()
    return frozenset(i for i, word in enumerate(words) if word in names)


def _of_config(config: Any) -> frozenset[int]:
    values = [getattr(config, name, None) for name in SPECIAL]
    several = [each for value in values for each in (value if isinstance(value, list | tuple) else [value])]
    return frozenset(int(each) for each in several if isinstance(each, int))


def _content(token: Any) -> str:
    return token.get("content", "") if isinstance(token, dict) else str(token)


def _read(folder: Path | None, name: str) -> dict[str, Any]:
    if folder is None or not (folder / name).is_file():
        return {}
    try:
        found = json.loads((folder / name).read_text("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
