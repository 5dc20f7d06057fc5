import numpy as np
import pytest

from fathometer.data import load_array
from fathometer.evidence import InputError


def test_an_array_is_read_as_float64(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[1, 2]], np.int32))
    array = load_array(tmp_path / "a.npy", ndim=2)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, [[1, 2]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.array([1.0, np.nan]), r"must be finite, got nan at index \(1,\)"),
        (np.zeros(3), r"must have 2 dimension\(s\), got shape \(3,\)"),
        (np.array(["a"]), "must be an array of numbers"),
        (np.array([None, 1]), "not an npy file of numbers"),
        (None, "not an npy file"),
        (b"", "not an npy file"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / "a.npy"
    if isinstance(content, np.ndarray):
        np.save(path, content)
    else:
        path.write_bytes(content if content is not None else b"not numbers")
    with pytest.raises(InputError, match=message):
        load_array(path, ndim=2 if message.startswith("must have") else None)


def test_absent_files_and_archives_are_refused(tmp_path):
    with pytest.raises(InputError, match="no file"):
        load_array(tmp_path / "nowhere.npy")
    np.savez(tmp_path / "a.npz", x=np.zeros(1), y=np.ones(1))
    with pytest.raises(InputError, match=r"must hold one array, or one called 'points' or 'hidden'; arrays: x \(1,\)"):
        load_array(tmp_path / "a.npz")
