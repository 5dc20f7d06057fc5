"""Data files on the command line: read as they are, or refused in one line with exit code 2; never a traceback."""

import json

import numpy as np
import pandas as pd
import pytest

from fathometer.cli import run

ROWS = 60
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.standard_normal((ROWS, 2)), columns=["a", "b"]).round(4)
FRAME["y"] = (FRAME["a"] - FRAME["b"] > 0).astype(int)
PLAIN = FRAME.to_csv(index=False)

CSV = {
    "plain": (PLAIN, ""),
    "crlf": (PLAIN.replace("\n", "\r\n"), ""),
    "semi": (PLAIN.replace(",", ";"), ", separated by ';'"),
    "tab": (PLAIN.replace(",", "\t"), ", separated by tab"),
    "decimal": (FRAME.to_csv(index=False, sep=";", decimal=","), ", separated by ';', with decimal commas"),
    "utf16": (PLAIN.encode("utf-16"), ", encoded in UTF-16"),
    "latin": (PLAIN.replace("a,", "é,", 1).encode("latin-1"), "byte 0xe9 in line 1, as in Latin-1; save it as UTF-8"),
    "index": (FRAME.to_csv(), "feature 1 of index.csv has no name"),
    "noheader": (FRAME.to_csv(index=False, header=False), "every column name in line 1 of noheader.csv is a number"),
    "spaces": (PLAIN.replace(",", ", "), "there is ' y'"),
    "words": (PLAIN.replace(",", " "), "columns: a b y; a CSV file is parted by ',', ';', tab or '|'"),
    "dates": (
        FRAME.assign(a=pd.date_range("2024", periods=ROWS)).to_csv(index=False),
        "column 'a' of dates.csv holds dates",
    ),
    "text": (FRAME.assign(a="red").to_csv(index=False), "column 'a' of text.csv is not numeric: 'red' in row 1"),
    "thousands": (
        FRAME.assign(a="1,000").to_csv(index=False),
        "'1,000' in row 1, which may have commas that part thousands",
    ),
    "missing": (
        FRAME.assign(a=FRAME["a"].where(FRAME.index != 5)).to_csv(index=False),
        "missing or infinite value in row 6",
    ),
    "ragged": (PLAIN + "1,2\n", "Expected 3 columns, got 2: 1,2"),
    "twice": (PLAIN.replace("a,b", "a,a", 1), "column 'a' appears twice"),
    "binary": (bytes(range(256)), "zero bytes"),
    "empty": (b"", "empty.csv is empty"),
    "headonly": ("a,b,y\n", "headonly.csv has no rows"),
    "targetonly": ("y\n1\n", "no feature beside the target"),
}
COMMANDS = {
    "sharpness": "deep-linear sharpness --data {} --target y --depth 4 --json",
    "train": "deep-linear train --data {} --target y --depth 2 --init balanced:0.1 --step 0.01 --steps 2 --json",
    "certify": "certify --data {} --target y --json",
}


MIXED = ("dates", "text", "thousands", "missing")
"""What a certificate takes, and the other commands refuse."""


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", CSV)
def test_a_csv_file_is_read_or_refused_in_one_line(tmp_path, monkeypatch, capsys, case, command):
    content, expected = CSV[case]
    expected = "" if command == "certify" and case in MIXED else expected
    monkeypatch.chdir(tmp_path)
    (tmp_path / f"{case}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    code = run(COMMANDS[command].format(f"{case}.csv").split())
    out, err = capsys.readouterr()
    if code == 2:
        assert err.startswith("fathometer: ")
        assert err.count("\n") == 1
        assert expected
        assert expected in err
    else:
        assert code in (0, 3)
        found = json.loads(out)
        assert found.get("data" if command != "certify" else "source") == f"{case}.csv{expected}"


ARRAYS = {
    "complex": (lambda x: x * (1 + 1j), "got complex numbers"),
    "dates": (lambda x: x.astype("M8[s]"), "got dates or times"),
    "durations": (lambda x: x.astype("m8[s]"), "got durations"),
    "text": (lambda x: x.astype(str), "got text"),
    "records": (lambda x: np.zeros(x.shape, [("u", float)]), "got records"),
    "digits": (lambda x: np.full(x.shape, 2**53 + 1), "has 9007199254740993"),
    "nan": (lambda x: np.full(x.shape, np.nan), "must be finite, got nan at index"),
    "objects": (lambda x: x.astype(object), "npy file of numbers|holds pickled objects"),
    "flat": (np.ravel, "dimension"),
    "single": (lambda x: np.array(1.0), "dimension"),
    "zero": (np.zeros_like, "zero"),
    "nothing": (lambda x: x[:0], "shape"),
}


@pytest.mark.parametrize("case", ARRAYS)
def test_an_array_of_tokens_is_read_or_refused_in_one_line(tmp_path, monkeypatch, capsys, case):
    change, expected = ARRAYS[case]
    monkeypatch.chdir(tmp_path)
    points = RNG.standard_normal((4, 3))
    np.save("p.npy", change(points))
    np.savez("h.npz", hidden=change(points[None]))
    for command in (
        "attention simulate --points p.npy --beta 1 --time 1",
        "attention collapse --points p.npy --beta 1",
        "attention certificate --points p.npy --beta 1",
        "attention layers h.npz",
    ):
        assert run([*command.split(), "--json"]) == 2, command
        err = capsys.readouterr().err
        assert err.count("\n") == 1, command
        assert any(part in err for part in expected.split("|")), err


@pytest.mark.parametrize("case", ["complex", "dates", "text", "nan", "objects", "single"])
def test_masses_and_readouts(tmp_path, monkeypatch, capsys, case):
    change, _ = ARRAYS[case]
    monkeypatch.chdir(tmp_path)
    np.save("m.npy", change(np.ones(3)))
    (tmp_path / "plain.csv").write_text(PLAIN)
    for command in (
        "attention simulate --uniform 3,3 --beta 1 --time 1 --masses m.npy",
        "deep-linear sharpness --data plain.csv --target y --depth 3 --residual m.npy",
    ):
        assert run([*command.split(), "--json"]) == 2
        assert capsys.readouterr().err.count("\n") == 1
