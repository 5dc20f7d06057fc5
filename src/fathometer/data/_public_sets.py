"""Public classification sets, read from local files in the order in which they were published."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fathometer.data._fetch import PUBLIC_SETS, known_set
from fathometer.data._idx import is_mnist, load_mnist
from fathometer.evidence import InputError

SATIMAGE_CLASSES = {
    "very damp grey soil": 0,
    "red soil": 1,
    "cotton crop": 2,
    "grey soil": 3,
    "damp grey soil": 4,
    "vegetation stubble": 5,
}
"""The numbers of the published file, with 7 as 0; it has no example of its class 6."""

SQUARES = {"x": 0.0, "b": 0.5, "o": 1.0}
ENUMERATION = "xob"
"""Order of the squares in the published file of tictactoe, whose positive examples come first."""

TRAINING_IMAGES = 60000
"""In MNIST and in the sets that took its form."""


@dataclass(frozen=True)
class PublicSet:
    """Features and classes, one row for each example.

    Attributes:
        name: of the set.
        features: shape (rows, columns), finite, not scaled.
        labels: shape (rows,), from 0 to classes - 1.
        classes: number of classes.
        reach: a norm that the documented ranges of the columns cannot exceed: a constant that no example decides;
            infinite where no range is documented.
    """

    name: str
    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    classes: int
    reach: float


@dataclass(frozen=True)
class _Form:
    """What a set must look like, and how it is read from its folder."""

    rows: int
    columns: int
    classes: int
    reach: float
    read: Callable[[Path], tuple[NDArray, NDArray]]


def load_public_set(name: str, folder: Path) -> PublicSet:
    """Read a set from the files that `fetch_sets` writes.

    Args:
        name: letter, satimage, pendigits, segmentation, tictactoe, spambase, magic, optdigits or mnist.
        folder: where its files are.

    Raises:
        InputError: if the set is unknown, a file is missing or not of its format, or its size is not the published one.
    """
    form = _FORMS[known_set(name)]
    if missing := [file for file in PUBLIC_SETS[name][1] if not _present(folder / file)]:
        raise InputError(
            f"no file {missing[0]!r} in {str(folder)!r}; `fathometer certify fetch {folder} --sets {name}` gets it"
        )
    try:
        features, labels = form.read(folder)
    except InputError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"the files of {name} in {str(folder)!r} are damaged, or of another set") from error
    expected = (form.rows, form.columns)
    if features.shape != expected or labels.shape != expected[:1]:
        raise InputError(f"{name} must have shape {expected} and a label in each row, got {features.shape}")
    if not np.array_equal(np.unique(labels), np.arange(form.classes)):
        raise InputError(f"{name} must have the classes 0 to {form.classes - 1}, got [{_listed(labels)}]")
    return PublicSet(name, features.astype(np.float64), labels.astype(np.int64), form.classes, form.reach)


def _listed(labels: NDArray) -> str:
    return ", ".join(f"{label:g}" for label in np.unique(labels))


def _present(file: Path) -> bool:
    return file.is_file() or file.with_name(f"{file.name}.gz").is_file()


def _read_letter(folder: Path) -> tuple[NDArray, NDArray]:
    frame = _frame(folder / "LetterRecognition.rda", "LetterRecognition")
    letters = np.asarray(frame["lettr"].astype(str))
    return frame.drop(columns="lettr").to_numpy(np.float64), np.array([ord(letter) - ord("A") for letter in letters])


def _read_satimage(folder: Path) -> tuple[NDArray, NDArray]:
    frame = _frame(folder / "Satellite.rda", "Satellite")
    labels = np.array([SATIMAGE_CLASSES[name] for name in frame["classes"].astype(str)])
    return frame.drop(columns="classes").to_numpy(np.float64), labels


def _read_pendigits(folder: Path) -> tuple[NDArray, NDArray]:
    cells = _numbers(folder / "penbased.dat")
    return cells[:, :-1], cells[:, -1]


def _read_segmentation(folder: Path) -> tuple[NDArray, NDArray]:
    """Without the third column, which is constant. The package has another order than the published file."""
    cells = _numbers(folder / "segment.dat")
    return np.delete(cells[:, :-1], 2, axis=1), cells[:, -1] - 1


def _read_tictactoe(folder: Path) -> tuple[NDArray, NDArray]:
    """Sorted into the order of the published file, from which the package's differs in a few rows."""
    cells = _cells(folder / "tic-tac-toe.dat")
    labels = (cells[:, -1] == "negative").astype(np.int64)
    boards = ["".join(str(ENUMERATION.index(square)) for square in row) for row in cells[:, :-1]]
    order = np.lexsort([np.array(boards), labels])
    return np.vectorize(SQUARES.get)(cells[order, :-1]), labels[order]


def _read_spambase(folder: Path) -> tuple[NDArray, NDArray]:
    """Spam is 1. The package lacks 4 of the 4601 published rows."""
    cells = _numbers(folder / "spambase.dat")
    return cells[:, :-1], cells[:, -1]


def _read_magic(folder: Path) -> tuple[NDArray, NDArray]:
    """Gamma rays are 0, hadrons 1."""
    cells = _cells(folder / "magic.dat")
    return cells[:, :-1].astype(np.float64), np.array([("g", "h").index(kind) for kind in cells[:, -1]])


def _read_optdigits(folder: Path) -> tuple[NDArray, NDArray]:
    cells = _numbers(folder / "optdigits.dat")
    return cells[:, :-1], cells[:, -1]


def _read_mnist(folder: Path) -> tuple[NDArray, NDArray]:
    digits = load_mnist(folder)
    if len(digits.train_images) == TRAINING_IMAGES and not is_mnist(digits):
        raise InputError(
            f"the files in {str(folder)!r} are not MNIST, as their digests say, but another set in its form"
        )
    images = np.concatenate([digits.train_images, digits.test_images]).reshape(-1, 784) / np.float32(255)
    return images, np.concatenate([digits.train_labels, digits.test_labels])


def _numbers(path: Path) -> NDArray[np.float64]:
    """The cells of a KEEL file as numbers: shape (rows, columns).

    Raises:
        InputError: if one is no number.
    """
    cells = _cells(path)
    try:
        return cells.astype(np.float64)
    except ValueError as error:
        raise InputError(f"{path} must hold numbers alone: {error}") from error


def _cells(path: Path) -> NDArray:
    """The cells of a KEEL file as text: shape (rows, columns).

    Raises:
        InputError: if the rows differ in length.
    """
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "@"]
    rows = [[cell.strip() for cell in line.split(",")] for line in lines]
    if not rows or len({len(row) for row in rows}) > 1:
        raise InputError(f"{path} must have rows of one length, separated by commas")
    return np.array(rows)


def _frame(path: Path, name: str):
    """The data frame of that name in an R data file.

    Raises:
        InputError: if rdata is not installed, or the file holds no such frame.
    """
    try:
        import rdata
    except ImportError as error:
        raise InputError(f"reading {path.name} needs rdata: pip install 'fathometer[sets]'") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it guesses the type of a file that is none of R's, and fails later
            return rdata.read_rda(path, default_encoding="utf-8")[name]
    except (KeyError, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise InputError(f"{path} is not an R data file with a frame {name!r}") from error


_FORMS = {
    "letter": _Form(20000, 16, 26, 15 * 4, _read_letter),
    "satimage": _Form(6435, 36, 6, 255 * 6, _read_satimage),
    "pendigits": _Form(10992, 16, 10, 100 * 4, _read_pendigits),
    "segmentation": _Form(2310, 18, 7, 2000, _read_segmentation),
    "tictactoe": _Form(958, 9, 2, 3, _read_tictactoe),
    "spambase": _Form(4597, 57, 2, math.inf, _read_spambase),
    "magic": _Form(19020, 10, 2, math.inf, _read_magic),
    "optdigits": _Form(5620, 64, 10, 16 * 8, _read_optdigits),
    "mnist": _Form(70000, 784, 10, 28, _read_mnist),
}
