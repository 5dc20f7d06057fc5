"""Archives, Parquet files and damaged files: read right, or refused in one line."""

import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from fathometer.attention import read_hidden
from fathometer.data import load_array, load_table, read_archive
from fathometer.evidence import InputError

Y = np.array([1.0, 2.0])
DAYS = pd.to_datetime(["2020-01-01", None])

ARCHIVES = {
    "complex": ({"X": np.eye(2) * 1j}, r"column 'X\[0\]' of .* got complex numbers"),
    "a complex target": ({"X": np.eye(2), "y": Y * 1j}, "column 'y' of .* got complex numbers"),
    "dates": ({"a": DAYS.to_numpy()}, "column 'a' of .* got dates or times"),
    "durations": ({"a": np.array([1, 2], "m8[s]")}, "column 'a' of .* got durations"),
    "digits in text": ({"a": np.array(["1", "2"])}, "column 'a' of .* got text"),
    "records": ({"a": np.zeros(2, [("u", float)])}, "column 'a' of .* got records"),
    "objects": ({"a": np.array([None, 1], object)}, "array 'a' of .* holds pickled objects: store plain numbers"),
    "a column that exists": ({"X[0]": Y, "X": np.eye(2)}, r"'X\[0\]' of .* names an array and a column of another"),
    "a target of two dimensions": ({"X": np.eye(2), "y": Y[:, None]}, "array 'y' has two dimensions"),
    "a single number": ({"a": np.array(1.0)}, r"array 'a' of .* must have 1 or 2 dimensions, got shape \(\)"),
    "a cube": ({"X": np.ones((2, 2, 2))}, "array 'X' of .* must have 1 or 2 dimensions"),
    "other rows": ({"X": np.ones((3, 2))}, r"same number of rows, got 2 in 'y' and 3 in 'X\[0\]'"),
    "too many digits": ({"a": np.array([1, 2**53 + 1])}, "column 'a' of .* has 9007199254740993 at index"),
    "long numbers": ({"a": np.array([1, np.nan])}, "column 'a' of .* missing or infinite value in row 2"),
    "no columns": ({"X": np.ones((2, 0))}, "has no feature beside the target 'y'"),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_archives_that_are_no_table(tmp_path, case):
    arrays, message = ARCHIVES[case]
    np.savez(tmp_path / "t.npz", **({"y": Y} | arrays))
    with pytest.raises(InputError, match=message) as refusal:
        load_table(str(tmp_path / "t.npz"), "y")
    assert "\n" not in str(refusal.value)


FRAMES = {
    "dates": (pa.array([1, None], pa.timestamp("us")), r"column 'a' .* holds dates, times or durations \(timestamp"),
    "durations": (pa.array([1, None], pa.duration("s")), "column 'a' .* holds dates, times or durations"),
    "days": (pa.array([1, 2], pa.date32()), "column 'a' .* holds dates"),
    "categories": (pa.array(["u", "v"]).dictionary_encode(), "column 'a' .* holds categories"),
    "digits in text": (pa.array(["1", "2"]), "column 'a' .* is not numeric: its numbers are stored as text"),
    "long text": (pa.array(["u", "2"], pa.large_string()), "column 'a' .* is not numeric: 'u' in row 1"),
    "nulls": (pa.array([1, None]), "column 'a' .* missing or infinite value in row 2"),
    "nulls alone": (pa.nulls(2), "column 'a' .* missing or infinite value in row 1"),
    "lists": (pa.array([[1], [2, 3]]), "column 'a' .* is not numeric, it is of type list"),
    "structures": (pa.array([{"u": 1}, {"u": 2}]), "column 'a' .* is not numeric, it is of type struct"),
    "bytes": (pa.array([b"1", b"2"]), "column 'a' .* is not numeric, it is of type binary"),
    "too many digits": (pa.array([1, 2**53 + 1]), "column 'a' .* has 9007199254740993"),
    "too many decimals": (pa.array([2**53 + 1, 1], pa.decimal128(20)), "column 'a' .* has 9007199254740993"),
}


@pytest.mark.parametrize("case", FRAMES)
def test_parquet_columns_that_are_no_numbers(tmp_path, case):
    column, message = FRAMES[case]
    parquet.write_table(pa.table({"a": column, "y": Y}), tmp_path / "t.parquet")
    with pytest.raises(InputError, match=message) as refusal:
        load_table(str(tmp_path / "t.parquet"), "y")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([True, False]), [1, 0]),
        (pa.array([1, 255], pa.uint8()), [1, 255]),
        (pa.array([0.5, 2], pa.float32()), [0.5, 2]),
        (pa.array([np.float16(0.5), np.float16(2)], pa.float16()), [0.5, 2]),
        (pa.array([15, 7], pa.decimal128(4, 1)), [15, 7]),
    ],
)
def test_parquet_columns_of_every_numeric_kind(tmp_path, column, expected):
    parquet.write_table(pa.table({"a": column, "y": Y}), tmp_path / "t.parquet")
    assert load_table(str(tmp_path / "t.parquet"), "y").features[:, 0].tolist() == expected


@pytest.mark.parametrize("name", [None, "person"])
def test_the_index_of_a_data_frame_is_no_feature(tmp_path, name):
    frame = pd.DataFrame({"a": [1.0, 2.0], "y": Y}, index=pd.Index([7, 9], name=name))
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"column '(person|__index_level_0__)' of .* is the index of a data frame"):
        load_table(str(tmp_path / "t.parquet"), "y")
    frame.reset_index(drop=True).to_parquet(tmp_path / "t.parquet")
    assert load_table(str(tmp_path / "t.parquet"), "y").feature_names == ("a",)


def test_categories_that_are_numbers_are_no_feature(tmp_path):
    """Parquet keeps them as numbers; pandas writes beside them that they are categories."""
    frame = pd.DataFrame({"a": pd.Categorical([1, 2]), "y": pd.Categorical([3, 4])})
    frame.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"column 'y' .* holds categories"):
        load_table(str(tmp_path / "t.parquet"), "y")
    frame["a"] = [0.5, 1]
    frame.to_parquet(tmp_path / "t.parquet")
    assert load_table(str(tmp_path / "t.parquet"), "y", labels=True).target.tolist() == [3, 4]


def test_labels_of_other_kinds_are_refused(tmp_path):
    for column in (pa.array([1, 2], pa.date32()), pa.array([[1], [2]]), pa.array([b"u", b"v"])):
        parquet.write_table(pa.table({"a": Y, "y": column}), tmp_path / "t.parquet")
        with pytest.raises(InputError, match=r"column 'y' of .* has no label .* in row 1"):
            load_table(str(tmp_path / "t.parquet"), "y", labels=True)


def test_hidden_states_and_points_are_not_made_real(tmp_path):
    np.savez(tmp_path / "h.npz", hidden=np.ones((1, 2, 2)) * 1j)
    np.savez(tmp_path / "c.npz", hidden=np.ones((1, 2, 2)), control=np.full((1, 2, 2), "1"))
    np.save(tmp_path / "p.npy", np.eye(2) * 1j)
    with pytest.raises(InputError, match=r"'hidden' of .* got complex numbers"):
        read_hidden(tmp_path / "h.npz")
    with pytest.raises(InputError, match=r"'control' of .* got text"):
        read_hidden(tmp_path / "c.npz")
    with pytest.raises(InputError, match=r"p\.npy must be an array of numbers, got complex numbers"):
        load_array(tmp_path / "p.npy")


def test_an_archive_that_names_an_array_twice_or_is_one_array(tmp_path):
    np.save(tmp_path / "one.npz.npy", np.eye(2))
    (tmp_path / "one.npz.npy").rename(tmp_path / "one.npz")
    with pytest.raises(InputError, match="is not an npz archive but a single array"):
        read_archive(tmp_path / "one.npz")
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("notes.txt", "no array")
    with pytest.raises(InputError, match=r"array 'notes\.txt' of .* must have 1 or 2 dimensions"):
        load_table(str(tmp_path / "text.npz"), "y")


@pytest.mark.parametrize("kind", ["npy", "npz", "parquet", "csv"])
def test_damaged_files_are_read_or_refused_and_nothing_else(tmp_path, kind):
    """Bytes changed and files cut at random: zipfile, tokenize and Arrow have errors of their own."""
    path = tmp_path / f"t.{kind}"
    frame = pd.DataFrame({"a": [1.5, 2.5, 3.5], "y": [1.0, 2.0, 3.0]})
    if kind == "npy":
        np.save(path, np.eye(3))
    elif kind == "npz":
        np.savez(path, **{name: frame[name].to_numpy() for name in frame})
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False)
    messages: list[str] = []
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for round_ in range(150):
        damaged = bytearray(whole)
        for place in rng.integers(len(whole), size=3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged if round_ % 3 else damaged[: rng.integers(1, len(whole))])
        try:
            load_array(path) if kind == "npy" else load_table(str(path), "y")
        except InputError as refusal:
            messages.append(str(refusal))
    assert messages
    assert not any("\n" in message for message in messages)
