"""Texts for a network: token ids, files of them, or lines that the folder's own tokenizer reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.data import read_archive
from fathometer.evidence import InputError
from fathometer.network.adapters._optional import needed

Text = NDArray[np.int64] | Mapping[str, Any]
"""Token ids, shape (n,), or a batch of arrays by name for networks that read something else, such as pixel_values."""


def texts_of(texts: Any) -> list[Text]:
    """Texts as arrays of token ids; batches by name are left as they are.

    Args:
        texts: a sequence of sequences of ids of any lengths, an array of shape (texts, n), or of batches by name.

    Raises:
        InputError: if there is none, or one is empty or not of whole numbers.
    """
    found = [text if isinstance(text, Mapping) else _ids(text, i) for i, text in enumerate(texts)]
    if not found:
        raise InputError("there must be at least one text, got none")
    return found


def ids_in_file(path: Path) -> list[Text]:
    """Texts of a file F.npz of token ids.

    An array input_ids or ids of shape (texts, n), beside which attention_mask marks padding by 0; or arrays of any
    names, a text each, in the order of the file; or pixel_values of shape (images, ...), an image each.

    Raises:
        InputError: if it cannot be read.
    """
    arrays = read_archive(path)
    if "pixel_values" in arrays:
        return texts_of([{"pixel_values": image[None]} for image in arrays["pixel_values"]])
    name = next((each for each in ("input_ids", "ids") if each in arrays), None)
    if name is None:
        return texts_of(arrays.values())
    ids = np.atleast_2d(arrays[name])
    if ids.ndim != 2:
        raise InputError(f"{name} must have the shape (texts, n), got {ids.shape}")
    mask = np.atleast_2d(arrays.get("attention_mask", np.ones(ids.shape, dtype=int)))
    if mask.shape != ids.shape:
        raise InputError(f"attention_mask must have the shape {ids.shape} of {name}, got {mask.shape}")
    return texts_of([row[real != 0] for row, real in zip(ids, mask, strict=True)])


def lines_in_file(path: Path, network: Any) -> list[Text]:
    """Texts of a file, one a line, by the tokenizer in the folder of the network; empty lines are passed over.

    Args:
        path: of the file, UTF-8.
        network: of a folder of transformers.

    Raises:
        InputError: if the file cannot be read, or the folder has no tokenizer that loads without a network.
    """
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no readable text: {error}") from error
    read = tokenizer_of(network)
    return texts_of([read(line, truncation=False, verbose=False)["input_ids"] for line in lines])


def tokenizer_of(network: Any) -> Any:
    """The tokenizer in the folder of a network.

    Raises:
        InputError: if there is none that loads without a network and without code of its own.
    """
    folder = getattr(network, "folder", None)
    if folder is None:
        raise InputError(f"{network.name} brings no tokenizer: give token ids")
    try:
        found = needed("transformers").AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
    except InputError:
        raise
    except Exception as error:  # whatever a tokenizer raises that misses its files
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"the tokenizer in {folder} does not load: give token ids; {reason}") from error
    files = set(getattr(found, "vocab_files_names", {}).values())
    if not any((folder / file).is_file() for file in files):  # it would know no word, and say nothing
        raise InputError(
            f"the tokenizer in {folder} does not load: give token ids; {type(found).__name__} needs one of"
            f" {', '.join(sorted(files))}"
        )
    return found


def padded(texts: Sequence[NDArray[np.int64]], pad: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Texts of different lengths as one array, and its mask.

    Args:
        texts: token ids.
        pad: id at the end of shorter ones.

    Returns:
        Ids and mask, shape (texts, n).
    """
    longest = max(map(len, texts))
    ids = np.full((len(texts), longest), pad, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, : len(text)], mask[row, : len(text)] = text, 1
    return ids, mask


def _ids(text: Any, number: int) -> NDArray[np.int64]:
    array = np.asarray(text)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise InputError(f"text {number} must be a sequence of token ids, got shape {array.shape} of {array.dtype}")
    return array.astype(np.int64)
