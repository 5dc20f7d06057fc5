"""Tables of numbers, categories, dates and text with missing values: one matrix, and a record of how it was made."""

import json
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from pyarrow import parquet

from fathometer.data import EncodedColumn, Encoding, load_features, load_table
from fathometer.evidence import InputError

N = 24
STORIES = [f"The {k}th STORY of the sea, and {'day' if k % 2 else 'night'}" for k in range(N)]


def line(k: int) -> str:
    age, job, married = "?" if k % 7 == 0 else k, ("NA", "clerk", " nurse ")[k % 3], ("true", "False")[k % 2]
    day, when = f"2020-01-{k + 1:02d}", f"2020-01-{k + 1:02d}T12:00:00Z"
    return f'u{k}x, {age},{job},{married},{day},{when},"{STORIES[k]}",,7,{k % 2}'


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("mixed") / "t.csv"
    header = "id,age,job,married,day,when,story,empty,same,y"
    file.write_text("\n".join([header, *map(line, range(N))]) + "\n")
    return file


@pytest.fixture(scope="module")
def table(path):
    return load_table(str(path), "y", labels=True, mixed=True)


def column(table, name: str) -> np.ndarray:
    return table.features[:, table.feature_names.index(name)]


def test_each_kind_becomes_numbers_by_its_rule(table):
    kinds = {column.name: column.kind for column in table.encoding.columns}
    assert kinds == {
        "age": "number",
        "job": "category",
        "married": "number",
        "day": "date",
        "when": "date",
        "story": "text",
        "same": "number",
    }
    np.testing.assert_array_equal(column(table, "age"), [np.nan if k % 7 == 0 else k for k in range(N)])
    np.testing.assert_array_equal(column(table, "job"), [(np.nan, 0, 1)[k % 3] for k in range(N)])
    np.testing.assert_array_equal(column(table, "married"), [1 - k % 2 for k in range(N)])
    np.testing.assert_array_equal(column(table, "day"), 18262 + np.arange(N))
    np.testing.assert_array_equal(column(table, "when"), 18262.5 + np.arange(N))
    np.testing.assert_array_equal(column(table, "same"), np.full(N, 7))
    assert table.target.tolist() == [k % 2 for k in range(N)]


def test_words_are_counted_whatever_their_case_and_marks(table):
    words = table.features[:, [name.startswith("story") for name in table.feature_names]]
    assert words.shape == (N, 128)
    np.testing.assert_allclose(np.expm1(words).sum(axis=1), 8)
    story = Encoding((EncodedColumn("t", "text", 128),))
    written = story.apply({"t": ["Über über, (ÜBER)!", None, "", "a_1 b-2"]})
    assert sorted(written[0][written[0] > 0]) == [np.log(4)]
    np.testing.assert_array_equal(written[1:3], np.zeros((2, 128)))
    np.testing.assert_allclose(np.expm1(written[3]).sum(), 3)


def test_what_is_left_out_is_said(table):
    assert table.encoding.left_out == ("id", "empty")
    assert "column 'id' is left out: its values are text without blanks and all different" in table.notes[0]
    assert table.notes[1] == "column 'empty' is left out: it has no value"
    assert table.notes[2] == "column 'story' is text, read as 128 counts of words"
    assert not table.encoding.plain


def test_kinds_and_names_are_those_of_the_float_columns(table):
    assert len(table.encoding.kinds) == len(table.encoding.names) == table.features.shape[1] == 6 + 128
    assert table.encoding.names[:2] == ("age", "job")
    assert [table.encoding.names[k] for k, kind in enumerate(table.encoding.kinds) if kind == "category"] == ["job"]
    assert set(table.encoding.kinds) == {"number", "category"}


def test_the_record_travels_as_json_and_reads_the_same_rows(table, path):
    encoding = Encoding.from_json(json.loads(json.dumps(table.encoding.to_json())))
    assert encoding == table.encoding
    again = load_features(str(path), encoding, "y")
    np.testing.assert_array_equal(again.features, table.features)
    np.testing.assert_array_equal(again.target, table.target)
    assert again.notes == ()
    assert again.feature_names == table.feature_names


def test_columns_in_any_order_and_other_columns(table):
    frame = table.frame()
    turned = frame[frame.columns[::-1]].assign(other=1.0)
    numbers, notes = table.encoding.read(turned)
    np.testing.assert_array_equal(numbers, table.features)
    assert notes == ("ignored, as no features of the predictor: other",)
    np.testing.assert_array_equal(table.encoding.apply({name: list(frame[name]) for name in frame}), table.features)


def test_unknown_categories_are_missing_and_counted():
    encoding = Encoding((EncodedColumn("c", "category", categories=("1", "2", "x")),))
    numbers, notes = encoding.read({"c": ["x", "new", None, "NA", "1", "newer"]})
    np.testing.assert_array_equal(numbers[:, 0], [2, np.nan, np.nan, np.nan, 0, np.nan])
    assert notes == ("column 'c' of the data: categories that the predictor does not know, read as missing; rows: 2",)
    np.testing.assert_array_equal(encoding.apply({"c": np.array([1.0, np.nan, 2.0])})[:, 0], [0, np.nan, 1])


def test_categories_that_look_like_numbers_in_another_file_are_kept_as_text(tmp_path):
    encoding = Encoding((EncodedColumn("c", "category", categories=("01", "1", "x")),))
    (tmp_path / "new.csv").write_text("c\n01\n1\n")
    assert load_features(str(tmp_path / "new.csv"), encoding).features.tolist() == [[0], [1]]


NEW = {
    "a text": ("a,b\n1,r\nred,r\n", "column 'a' of .* holds numbers, got 'red' in row 2"),
    "a date": ("a,b\n2020-01-01,r\n", "column 'a' of .* holds numbers, got values of type date32"),
    "infinity": ("a,b\n1e400,r\n", "column 'a' of .* has an infinite value in row 1"),
    "a column less": ("b\nr\n", "has no column 'a', which the predictor needs"),
    "two columns less": ("x\n1\n", "has no column 'a' and 1 more, which the predictor needs"),
    "no row": ("a,b\n", "has no rows"),
    "a target that is missing": ("a,b,y\n1,r,1\n2,r,?\n", "column 'y' of .* in row 2"),
}


@pytest.mark.parametrize("case", NEW)
def test_new_rows_that_do_not_fit_are_refused(tmp_path, case):
    content, message = NEW[case]
    encoding = Encoding((EncodedColumn("a", "number"), EncodedColumn("b", "category", categories=("r",))))
    (tmp_path / "new.csv").write_text(content)
    with pytest.raises(InputError, match=message) as refusal:
        load_features(str(tmp_path / "new.csv"), encoding, "y")
    assert "\n" not in str(refusal.value)


def test_the_target_and_the_groups_of_new_rows_may_be_absent(tmp_path):
    encoding = Encoding((EncodedColumn("a", "number"),))
    for text, target in {"a\n1\n": None, "a,y\n1,\n": None, "a,y\n1,01\n": 1}.items():
        (tmp_path / "new.csv").write_text(text)
        new = load_features(str(tmp_path / "new.csv"), encoding, "y", "g")
        assert new.target is None if target is None else new.target.tolist() == [target]
        assert new.groups is None
    assert load_features(str(tmp_path / "new.csv"), encoding, "y", text=True).target.tolist() == ["01"]
    (tmp_path / "new.csv").write_text("g,a,y\n p,1,0.5\n")
    new = load_features(str(tmp_path / "new.csv"), encoding, "y", "g", labels=False)
    assert (new.target.tolist(), new.groups.tolist(), new.notes) == ([0.5], ["p"], ())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, 2], "b": ["r"]}, "column 'b' of the data must have 2 rows as the others, got 1"),
        ({"a": [1, "x"], "b": ["r", "r"]}, "column 'a' of the data holds numbers, got 'x' in row 2"),
        ({"a": [1, object()], "b": ["r", "r"]}, "column 'a' of the data must hold numbers, text or dates"),
        ({"a": 1, "b": ["r"]}, r"must be a column of values, shape \(rows,\), got int"),
        ({"a": np.ones((2, 2)), "b": ["r"]}, r"must be a column of values, shape \(rows,\), got ndarray"),
        ({"a": [[1], [2]], "b": ["r", "r"]}, "column 'a' of the data holds numbers, got values of type list"),
        ({"a": [1j], "b": ["r"]}, "column 'a' of the data must hold numbers, text or dates"),
        ([[1, 2]], "the data must be columns by name or a data frame, got list"),
    ],
)
def test_values_in_memory_that_are_no_columns_are_refused(columns, message):
    encoding = Encoding((EncodedColumn("a", "number"), EncodedColumn("b", "category", categories=("r",))))
    with pytest.raises(InputError, match=message) as refusal:
        encoding.apply(columns)
    assert "\n" not in str(refusal.value)


def test_an_encoding_of_nothing_reads_nothing():
    with pytest.raises(InputError, match="an encoding without a column reads nothing"):
        Encoding(()).apply({"a": [1.0]})


def test_a_date_is_refused_where_it_is_none():
    encoding = Encoding((EncodedColumn("d", "date"),))
    np.testing.assert_array_equal(encoding.apply({"d": ["1970-01-02", None]})[:, 0], [1, np.nan])
    np.testing.assert_array_equal(encoding.apply({"d": [None, None]})[:, 0], [np.nan, np.nan])
    with pytest.raises(InputError, match="column 'd' of the data holds dates, got 'soon' in row 2"):
        encoding.apply({"d": ["2020-01-01", "soon"]})
    with pytest.raises(InputError, match="holds dates, got values of type double: write them as 2020-01-31"):
        encoding.apply({"d": [1.5, 2.5]})


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"columns": [{"name": "a", "kind": "colour"}]}, "kind of column 'a' must be one of number, category, date"),
        ({"columns": [{"name": "a", "kind": "text", "width": 0}]}, "column 'a' of kind text cannot have width 0"),
        ({"columns": [{"name": "a", "kind": "number", "width": 2}]}, "of kind number cannot have width 2"),
        ({"columns": [{"name": "a", "kind": "category", "categories": ["b", "a"]}]}, "must be sorted, each once"),
        ({"columns": [{"name": "a", "kind": "number"}], "left_out": ["a"]}, "must name each column once, got a, a"),
    ],
)
def test_records_that_contradict_themselves_are_refused(record, message):
    with pytest.raises(InputError, match=message):
        Encoding.from_json(record)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "B", "é", "two words", "10", "NA"]), min_size=4, max_size=30),
    st.randoms(use_true_random=False),
)
def test_another_order_of_the_rows_gives_the_same_codes(tmp_path_factory, cells, rng):
    folder = tmp_path_factory.mktemp("order")
    order = list(range(len(cells)))
    rng.shuffle(order)
    for name, rows in (("t.csv", range(len(cells))), ("u.csv", order)):
        (folder / name).write_text("k,c,y\n" + "".join(f"{k},{cells[k]},1\n" for k in rows))
    first = load_table(str(folder / "t.csv"), "y", mixed=True)
    other = load_table(str(folder / "u.csv"), "y", mixed=True)
    assert other.encoding == first.encoding
    np.testing.assert_array_equal(other.features, first.features[order])


CELLS = {
    "few repeated words": (["low", "high"] * 5, "category"),
    "truth in two spellings": (["true", "FALSE"] * 5, "number"),
    "numbers with blanks": ([" 1", "2 ", " ?"], "number"),
    "different sentences": ([f"line {k}" for k in range(21)], "text"),
    "few different sentences": ([f"line {k}" for k in range(20)], "category"),
    "many names, each twice": ([f"name{k // 2}" for k in range(600)], "text"),
    "less than half as many": ([f"name{k // 2}" for k in range(400)], "category"),
    "moments": (["2020-01-01 10:00", "2020-01-02 11:30:15.5"], "date"),
    "an identifier": ([f"u{k}" for k in range(30)], None),
    "an identifier with gaps": ([f"u{k}" if k % 3 else "" for k in range(30)], None),
}


@pytest.mark.parametrize("case", CELLS)
@pytest.mark.parametrize("form", ["csv", "parquet", "npz"])
def test_the_kind_is_decided_by_the_column_alone(tmp_path, case, form):
    cells, kind = CELLS[case]
    path, y = tmp_path / f"t.{form}", np.arange(len(cells))
    if form == "csv":
        path.write_text("k,c,y\n" + "".join(f"{k},{cell},0\n" for k, cell in enumerate(cells)))
    elif form == "parquet":
        parquet.write_table(pa.table({"k": y, "c": cells, "y": y}), path)
    else:
        np.savez(path, k=y, c=np.array(cells), y=y)
    encoding = load_table(str(path), "y", mixed=True).encoding
    assert {column.name: column.kind for column in encoding.columns}.get("c") == kind
    assert encoding.left_out == (("c",) if kind is None else ())


PARQUET = {
    "decimals": (pa.array([0, None, 2], pa.decimal128(8, 1)), [0, np.nan, 2]),
    "half precision": (pa.array([np.float16(0.5), None, np.float16(np.nan)], pa.float16()), [0.5, np.nan, np.nan]),
    "small integers": (pa.array([1, None, 255], pa.uint8()), [1, np.nan, 255]),
    "truth": (pa.array([True, None, False]), [1, np.nan, 0]),
    "days": (pa.array([1, None, -7], pa.date32()), [1, np.nan, -7]),
    "nanoseconds in a zone": (pa.array([864 * 10**11, None, 0], pa.timestamp("ns", "Europe/Berlin")), [1, np.nan, 0]),
    "times of day": (pa.array([43200, None, 0], pa.time32("s")), [0.5, np.nan, 0]),
    "durations": (pa.array([86400, None, 0], pa.duration("s")), [1, np.nan, 0]),
    "declared categories": (pa.array(["v", None, "u"]).dictionary_encode(), [1, np.nan, 0]),
    "views of text": (pa.array(["v", " ? ", "v"], pa.string_view()), [0, np.nan, 0]),
    "long text": (pa.array(["v", None, "v"], pa.large_string()), [0, np.nan, 0]),
}


@pytest.mark.parametrize("case", PARQUET)
def test_every_kind_of_a_parquet_file_is_read_and_read_again(tmp_path, case):
    values, expected = PARQUET[case]
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": values, "k": [1.0, 2.0, 3.0], "y": [1, 2, 3]}), path)
    table = load_table(str(path), "y", mixed=True)
    np.testing.assert_array_equal(table.features[:, 0], expected)
    np.testing.assert_array_equal(load_features(str(path), table.encoding).features, table.features)
    np.testing.assert_array_equal(table.encoding.apply(table.frame()), table.features)


def test_categories_of_pandas_that_are_numbers_are_categories(tmp_path):
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": pd.Categorical([10, 2, 2, None]), "y": [1.0, 2, 3, 4]}).to_parquet(path)
    table = load_table(str(path), "y", mixed=True)
    assert table.encoding.columns[0].categories == ("10", "2")
    np.testing.assert_array_equal(table.features[:, 0], [0, 1, 1, np.nan])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([[1], [2]]), "column 'a' of .* is of type list"),
        (pa.array([{"u": 1}, {"u": 2}]), "column 'a' of .* is of type struct"),
        (pa.array([b"1", b"2"]), "column 'a' of .* is of type binary"),
        (pa.array([1, 2**53 + 1]), "column 'a' of .* has 9007199254740993"),
        (pa.array([1, np.inf]), "column 'a' of .* has an infinite value in row 2"),
    ],
)
def test_columns_of_no_kind_are_refused(tmp_path, column, message):
    parquet.write_table(pa.table({"a": column, "y": [1.0, 2.0]}), tmp_path / "t.parquet")
    with pytest.raises(InputError, match=message) as refusal:
        load_table(str(tmp_path / "t.parquet"), "y", mixed=True)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "labels", "message"),
    [
        ("a,y\n1,0.5\n2,?\n", False, "column 'y' of .* missing or infinite value in row 2"),
        ("a,y\n1, 5\n2, ?\n", False, "column 'y' of .* missing or infinite value in row 2"),
        ("a,y\n1,red\n2,3\n", False, "column 'y' of .* is not numeric: 'red' in row 1"),
        ("a,y\n1,spam\n2, NA\n", True, "column 'y' of .* has no label .* in row 2"),
        ("a,y\n1,3\n2,\n", True, "column 'y' of .* has a missing or infinite value in row 2"),
        ("a,b,y\nu,,1\nv,,2\n", False, "has no feature that can be read: column 'a' is left out"),
    ],
)
def test_missing_targets_and_tables_without_features_are_refused(tmp_path, text, labels, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        load_table(str(tmp_path / "t.csv"), "y", labels=labels, mixed=True)


def test_a_table_of_complete_numbers_is_plain_and_the_same_matrix():
    table = load_table("sklearn:iris", "target", mixed=True)
    assert table.encoding.plain
    np.testing.assert_array_equal(table.features, load_table("sklearn:iris", "target").features)
    assert load_features("sklearn:iris", table.encoding, "target").target.shape == (150,)


def test_a_frame_has_the_columns_as_given(table, path):
    frame = table.frame()
    assert list(frame.columns) == ["id", "age", "job", "married", "day", "when", "story", "empty", "same"]
    assert frame["job"].tolist()[:3] == [None, "clerk", "nurse"]
    assert frame["story"].tolist() == STORIES
    assert frame["age"].dtype == np.float64
    assert frame["day"].dtype.kind == frame["when"].dtype.kind == "M"
    again = load_features(str(path), table.encoding).frame()
    pd.testing.assert_frame_equal(again[list(frame.columns)], frame)
    assert load_table("sklearn:iris", "target").frame().columns[0] == "sepal length (cm)"


def test_a_frame_without_pandas_says_what_to_install(table, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"a data frame needs pandas: pip install 'fathometer\[frames\]'"):
        table.frame()


def test_images_are_numbers_by_name(tmp_path):
    from tests.data.test_idx import write_mnist

    write_mnist(tmp_path)
    table = load_table(f"mnist:{tmp_path}", "label", labels=True, mixed=True)
    assert table.encoding.plain
    new = load_features(f"mnist:{tmp_path}", table.encoding, "label")
    np.testing.assert_array_equal(new.features, table.features)
    np.testing.assert_array_equal(new.target, table.target)


def test_a_mixed_table_in_another_dialect_is_the_same(tmp_path):
    (tmp_path / "t.csv").write_bytes("a;c;y\n0,5;two words;1\n1,5;NA;2\n".encode("utf-16"))
    table = load_table(str(tmp_path / "t.csv"), "y", mixed=True)
    np.testing.assert_array_equal(table.features, [[0.5, 0], [1.5, np.nan]])
    assert table.source.endswith("encoded in UTF-16, separated by ';', with decimal commas")
