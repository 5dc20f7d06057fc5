import gzip
import hashlib
import struct

import numpy as np
import pytest

from fathometer.cli.certify._certified import literature_rows
from fathometer.data import _idx, load_idx, load_mnist, load_table
from fathometer.evidence import InputError
from fathometer.generalization.learning.networks import LITERATURE


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


def test_images_are_mnist_by_their_content_alone(tmp_path, monkeypatch):
    write_mnist(tmp_path)
    other = load_table(f"mnist:{tmp_path}", "label")
    assert (other.recognised, other.source) == ("", f"idx:{tmp_path}, whose images are not those of MNIST")
    named = load_table(f"idx:{tmp_path}", "label")
    assert (named.recognised, named.source, named.test_rows) == ("", f"idx:{tmp_path}", 2)
    np.testing.assert_array_equal(named.features, other.features)
    digests = tuple(hashlib.md5((tmp_path / name).read_bytes()).hexdigest() for name in _idx.MNIST_FILES)
    monkeypatch.setattr(_idx, "MNIST_DIGESTS", digests)
    for source in (f"mnist:{tmp_path}", f"idx:{tmp_path}"):
        table = load_table(source, "label")
        assert (table.recognised, table.source) == ("mnist", source)
        assert literature_rows(table) == LITERATURE
    assert literature_rows(other) == ()
    with pytest.raises(InputError, match="the target of MNIST is 'label'"):
        load_table(f"idx:{tmp_path}", "y")
