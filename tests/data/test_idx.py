import gzip
import struct

import numpy as np
import pytest

from fathometer.data import load_idx, load_mnist
from fathometer.evidence import InputError


def idx(array: np.ndarray, code: int) -> bytes:
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize(("dtype", "code"), [("u1", 8), ("i1", 9), ("i2", 11), ("i4", 12), ("f4", 13), ("f8", 14)])
def test_every_element_type_is_read_as_written(tmp_path, dtype, code):
    array = np.array([[1, -2, 3], [4, 5, 60]]).astype(dtype)
    (tmp_path / "plain").write_bytes(idx(array, code))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(idx(array, code)))
    for name in ("plain", "packed"):
        found = load_idx(tmp_path / name)
        assert found.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an idx file: it starts with nothing"),
        (b"PK\3\4", "not an idx file: it starts with 50 4b 03 04"),
        (idx(np.zeros((2, 3), "u1"), 8)[:-1], r"must have 18 bytes for an array of shape \(2, 3\), got 17"),
        (b"\0\0\x08\x02\0\0\0", "must have 12 bytes"),
        (None, "no file"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_idx(tmp_path / "x")


def test_a_damaged_gzip_file_is_refused(tmp_path):
    (tmp_path / "x.gz").write_bytes(b"not packed")
    with pytest.raises(InputError, match="not a gzip file"):
        load_idx(tmp_path / "x")


def write_mnist(folder, train: int = 3, test: int = 2) -> None:
    rng = np.random.default_rng(0)
    for name, count in (("train", train), ("t10k", test)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx(images, 8))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(idx(np.arange(count, dtype=np.uint8), 8))


def test_mnist_is_four_files(tmp_path):
    write_mnist(tmp_path)
    found = load_mnist(tmp_path)
    assert found.train_images.shape == (3, 28, 28)
    assert found.test_images.shape == (2, 28, 28)
    np.testing.assert_array_equal(found.train_labels, [0, 1, 2])


def test_a_missing_file_of_mnist_names_the_command_that_gets_it(tmp_path):
    with pytest.raises(InputError, match=r"no file 'train-images-idx3-ubyte' in .*certify fetch .* --sets mnist"):
        load_mnist(tmp_path)


def test_images_and_labels_of_mnist_must_fit(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(np.zeros(1, np.uint8), 8))
    with pytest.raises(InputError, match=r"a label each, got \(2, 28, 28\), \(1,\)"):
        load_mnist(tmp_path)
