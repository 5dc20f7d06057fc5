"""The idx format, and MNIST, which is published in it."""

import gzip
import hashlib
import math
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError

TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
"""Element types by the third byte of the file."""

MNIST_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

MNIST_DIGESTS = (
    "6bbc9ace898e44ae57da46a324031adb",
    "a25bea736e30d166cdddb491f175f624",
    "2646ac647ad5339dbf082846283269ea",
    "27ae3e4e09519cfbb04c329615203637",
)
"""MD5 of the four files, not compressed."""


class Mnist(NamedTuple):
    """The handwritten digits, in the published order.

    Attributes:
        train_images: shape (n, 28, 28), uint8; n is 60000 in the published set.
        train_labels: shape (n,), uint8, from 0 to 9.
        test_images: shape (k, 28, 28), uint8; k is 10000 in the published set.
        test_labels: shape (k,), uint8, from 0 to 9.
    """

    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]


def load_idx(path: Path) -> NDArray:
    """Read an array from an idx file, or from the same file compressed with gzip under the same name with `.gz`.

    Raises:
        InputError: if there is no such file, it is no idx file, or its length is not what its header says.
    """
    packed = path.with_name(f"{path.name}.gz")
    if not path.is_file() and not packed.is_file():
        raise InputError(f"no file {str(path)!r}")
    try:
        content = path.read_bytes() if path.is_file() else gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{packed} is not a gzip file: {error}") from error
    return _array(str(path), content)


def load_mnist(folder: Path) -> Mnist:
    """Read the four files of MNIST from a folder, compressed or not.

    Raises:
        InputError: if a file is missing, is no idx file, or images and labels do not fit together.
    """
    if missing := [name for name in MNIST_FILES if not any((folder / f"{name}{end}").is_file() for end in ("", ".gz"))]:
        raise InputError(
            f"no file {missing[0]!r} in {str(folder)!r}; `fathometer certify fetch {folder} --sets mnist` gets it"
        )
    mnist = Mnist(*(load_idx(folder / name) for name in MNIST_FILES))
    for images, labels in ((mnist.train_images, mnist.train_labels), (mnist.test_images, mnist.test_labels)):
        if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
            raise InputError(
                f"{folder} must hold 28 by 28 images with a label each, got {images.shape}, {labels.shape}"
            )
    return mnist


def is_mnist(mnist: Mnist) -> bool:
    """Whether the arrays are MNIST's, and not another set in its form, such as Fashion-MNIST."""
    return all(_digest(array) == known for array, known in zip(mnist, MNIST_DIGESTS, strict=True))


def _digest(array: NDArray[np.uint8]) -> str:
    """MD5 of the idx file of an array of bytes."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return hashlib.md5(header + array.tobytes(), usedforsecurity=False).hexdigest()


def _array(name: str, content: bytes) -> NDArray:
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES:
        raise InputError(f"{name} is not an idx file: it starts with {content[:4].hex(' ') or 'nothing'}")
    dtype, dimensions = np.dtype(TYPES[content[2]]), content[3]
    start = 4 + 4 * dimensions
    shape = np.frombuffer(content[4:start].ljust(4 * dimensions, b"\0"), ">u4").tolist()
    expected = start + dtype.itemsize * math.prod(shape)
    if len(content) != expected:
        raise InputError(f"{name} must have {expected} bytes for an array of shape {tuple(shape)}, got {len(content)}")
    return np.frombuffer(content, dtype, offset=start).astype(dtype.newbyteorder("=")).reshape(shape)
