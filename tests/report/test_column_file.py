"""Columns in files of four kinds."""

import csv
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

from fathometer.evidence import InputError
from fathometer.report import column_form, parquet_bytes, write_columns

COLUMNS = {"step": np.array([0.0, 1.0]), "loss": np.array([0.1 + 0.2, np.nan]), "note": ["a", None]}


def test_every_kind_keeps_the_digits(tmp_path):
    for form in ("parquet", "csv", "json"):
        write_columns(tmp_path / f"f.{form}", COLUMNS, {"about": "it"})
    table = pq.read_table(tmp_path / "f.parquet")
    assert table.schema.metadata[b"about"] == b"it"
    assert_array_equal(table["loss"].to_numpy(), COLUMNS["loss"])
    assert json.loads((tmp_path / "f.json").read_text()) == {
        "step": [0.0, 1.0],
        "loss": [0.1 + 0.2, None],
        "note": ["a", None],
    }
    rows = list(csv.reader((tmp_path / "f.csv").read_text().splitlines()))
    assert rows[0] == ["step", "loss", "note"]
    assert (float(rows[1][1]), rows[2][1]) == (0.1 + 0.2, "")
    write_columns(tmp_path / "f.npz", {"step": COLUMNS["step"]})
    with np.load(tmp_path / "f.npz") as kept:
        assert_array_equal(kept["step"], COLUMNS["step"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.csv", "f.json", "f.npz", "f.parquet"]
    assert parquet_bytes(COLUMNS, {})[:4] == b"PAR1"


def test_other_endings_are_refused(tmp_path):
    assert column_form(tmp_path / "f.csv") == "csv"
    with pytest.raises(InputError, match=r"ends in \.parquet, \.csv, \.json, \.npz, got 'f.xlsx'"):
        write_columns(tmp_path / "f.xlsx", COLUMNS)
