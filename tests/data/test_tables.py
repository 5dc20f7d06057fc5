import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from fathometer.data import Table, albert_tokens, load_table
from fathometer.evidence import InputError

CSV = "a,b,y\n1,2,3\n4,5.5,6\n"


@pytest.fixture
def write(tmp_path):
    def to(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return to


def check(table: Table) -> None:
    np.testing.assert_array_equal(table.features, [[1, 2], [4, 5.5]])
    np.testing.assert_array_equal(table.target, [3, 6])
    assert table.feature_names == ("a", "b")


def test_a_csv_is_read_as_given(write):
    check(load_table(write("t.csv", CSV), "y"))


def test_parquet_and_npz_give_the_same_table(tmp_path):
    columns = {"a": [1, 4], "b": [2.0, 5.5], "y": [3, 6]}
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    np.savez(tmp_path / "t.npz", **{name: np.array(values) for name, values in columns.items()})
    check(load_table(str(tmp_path / "t.parquet"), "y"))
    check(load_table(str(tmp_path / "t.npz"), "y"))


def test_a_matrix_in_an_archive_gives_one_feature_for_each_column(tmp_path):
    np.savez(tmp_path / "t.npz", X=np.arange(6.0).reshape(3, 2), y=np.ones(3))
    table = load_table(str(tmp_path / "t.npz"), "y")
    assert table.feature_names == ("X[0]", "X[1]")
    np.testing.assert_array_equal(table.features, np.arange(6.0).reshape(3, 2))


def test_diabetes_comes_from_scikit_learn():
    table = load_table("sklearn:diabetes", "target")
    assert table.features.shape == (442, 10)
    assert table.target.mean() == pytest.approx(152.133484, abs=1e-6)


def test_standardizing_centres_and_scales_and_says_so():
    table = load_table("sklearn:diabetes", "target").standardized()
    np.testing.assert_allclose(table.features.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(np.mean(table.features**2, axis=0), 1)
    np.testing.assert_allclose([table.target.mean(), np.mean(table.target**2)], [0, 1], atol=1e-14)
    assert table.source.endswith("standardized")


@pytest.mark.parametrize(
    ("name", "text", "target", "message"),
    [
        ("t.csv", "a,y\n1,2\n,3\n", "y", "column 'a' of .* missing or infinite value in row 2"),
        ("t.csv", "a,y\n1,2\nnan,3\n", "y", "column 'a' .* row 2"),
        ("t.csv", "a,y\n1,inf\n", "y", "column 'y' .* row 1"),
        ("t.csv", "a,y\nred,2\n", "y", "column 'a' .* not numeric"),
        ("t.csv", CSV, "z", "no column 'z' in .*; columns: a, b, y"),
        ("t.csv", "", "y", "is empty"),
        ("t.csv", "a,y\n", "y", "no rows"),
        ("t.csv", "y\n1\n", "y", "no feature beside the target"),
        ("t.csv", "a,a,y\n1,2,3\n", "y", "column 'a' appears twice"),
        ("t.csv", "a,y\n1\n", "y", "not a CSV table"),
        ("t.parquet", "not parquet", "y", "not a Parquet table"),
        ("t.npz", "not an archive", "y", "not an npz archive"),
        ("t.txt", CSV, "y", "data must be F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR"),
    ],
)
def test_bad_files_are_refused_in_one_line(write, name, text, target, message):
    with pytest.raises(InputError, match=message) as refusal:
        load_table(write(name, text), target)
    assert "\n" not in str(refusal.value)


def test_an_absent_file_and_an_unknown_set_are_refused():
    with pytest.raises(InputError, match=r"no file 'nowhere\.csv'"):
        load_table("nowhere.csv", "y")
    with pytest.raises(InputError, match=r"no scikit-learn set 'boston'; known: breast_cancer"):
        load_table("sklearn:boston", "y")


def test_unequal_and_deep_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "rows.npz", a=np.ones(2), y=np.ones(3))
    np.savez(tmp_path / "deep.npz", a=np.ones((2, 2, 2)), y=np.ones(2))
    with pytest.raises(InputError, match="same number of rows"):
        load_table(str(tmp_path / "rows.npz"), "y")
    with pytest.raises(InputError, match="1 or 2 dimensions"):
        load_table(str(tmp_path / "deep.npz"), "y")


@pytest.mark.parametrize("scale", [1e-300, 1e-155, 1e155, 3e307])
def test_standardizing_neither_overflows_nor_underflows(scale):
    """A column near 1e155 became a column of zeros."""
    rng = np.random.default_rng(0)
    features, target = rng.uniform(-1, 1, (50, 2)), rng.uniform(-1, 1, 50)
    plain = Table(features, target, ("a", "b"), "y", "memory").standardized()
    scaled = Table(features * [scale, 1], target * scale, ("a", "b"), "y", "memory").standardized()
    np.testing.assert_allclose(scaled.features, plain.features, rtol=1e-12)
    np.testing.assert_allclose(scaled.target, plain.target, rtol=1e-12)


def test_standardizing_a_column_far_from_zero_centres_it_twice():
    times = 1.7e18 + 8.64e13 * np.arange(60)
    column = Table(times[:, None], np.arange(60.0), ("t",), "y", "memory").standardized().features[:, 0]
    assert abs(column.mean()) < 1e-15
    np.testing.assert_allclose(column, (np.arange(60) - 29.5) / np.sqrt((60**2 - 1) / 12), rtol=1e-4)


def test_a_constant_column_cannot_be_standardized():
    with pytest.raises(InputError, match=r"column 'b' .* constant"):
        Table(np.array([[1.0, 2.0], [3.0, 2.0]]), np.array([0.0, 1.0]), ("a", "b"), "y", "memory").standardized()


def test_the_shipped_tokens_are_whole():
    tokens = albert_tokens()
    assert tokens.shape == (56, 256)
    assert np.all(np.isfinite(tokens))
    assert np.linalg.matrix_rank(tokens) == 56


def test_labels_are_kept_as_given(write, tmp_path):
    table = load_table(write("t.csv", "a,y\n1,spam\n2,ham\n"), "y", labels=True)
    assert table.target.tolist() == ["spam", "ham"]
    assert load_table(write("b.csv", "a,y\n1,true\n2,false\n"), "y", labels=True).target.tolist() == [True, False]
    assert load_table(write("n.csv", "a,y\n1,3\n2,4\n"), "y", labels=True).target.tolist() == [3, 4]
    categories = pa.table({"a": [1.0, 2.0], "y": pa.array(["x", "z"]).dictionary_encode()})
    parquet.write_table(categories, tmp_path / "c.parquet")
    assert load_table(str(tmp_path / "c.parquet"), "y", labels=True).target.tolist() == ["x", "z"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,y\n1,spam\n2,\n", "column 'y' of .* has no label .* in row 2"),
        ("a,y\n1,3\n2,\n", "column 'y' of .* has a missing or infinite value in row 2"),
        ("a,y\n1,true\n2,\n", "column 'y' of .* has no label .* in row 2"),
        ("a,y\n1,2020-01-01\n2,2020-01-02\n", "column 'y' of .* has no label .* in row 1"),
        ("a,y\nred,spam\n", "column 'a' of .* is not numeric"),
    ],
)
def test_missing_labels_are_refused(write, text, message):
    with pytest.raises(InputError, match=message):
        load_table(write("t.csv", text), "y", labels=True)


def test_text_is_no_number_without_labels(write):
    with pytest.raises(InputError, match=r"column 'y' of .* is not numeric"):
        load_table(write("t.csv", "a,y\n1,spam\n"), "y")
