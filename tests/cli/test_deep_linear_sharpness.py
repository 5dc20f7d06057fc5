"""`deep-linear sharpness`, from the command line: data of any units, networks of any depth."""

import json
import re

import numpy as np
import pytest

from fathometer.cli import run

ONE_LINE = "--target y --json"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    b, c, noise = rng.standard_normal((3, 30))
    columns = {
        "good": (b, c),
        "time": (1.7e18 + 8.64e13 * np.arange(30), b, c),
        "population": (5e6 * (1 + 0.1 * b), 3e-6 * (1 + 0.1 * c)),
        "tiny": (1e-154 * b, c),
        "smaller": (1e-200 * b, 1e-200 * c),
        "huge": (1e155 * b, c),
        "decimal": (b, c, 0.1 * b + 0.3 * c),
        "ends": (1e150 * b, 1e-150 * c),
        "coded": (np.ones(30), b > 0, b <= 0),
    }
    for name, features in columns.items():
        np.savez(tmp_path / f"{name}.npz", y=b - 2 * c + 0.1 * noise, **dict(zip("pqr", features, strict=False)))
    np.savez(tmp_path / "huge_target.npz", y=1e155 * b, p=b)
    np.save(tmp_path / "readout.npy", [1, 2])
    np.save(tmp_path / "zero.npy", np.zeros(2))
    np.save(tmp_path / "long.npy", np.ones(3))
    np.save(tmp_path / "nan.npy", [1, np.nan])
    np.save(tmp_path / "table.npy", np.ones((2, 2)))
    np.save(tmp_path / "small.npy", np.array([1e-200, 2e-200]))
    return tmp_path


def document(capsys, command, code=0):
    depth = [] if "--depth" in command else ["--depth", "4"]
    assert run(["deep-linear", "sharpness", *command.split(), *depth, *ONE_LINE.split()]) == code
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))


@pytest.mark.parametrize("name", ["time", "population"])
def test_units_cost_no_digits_and_are_pointed_out(files, capsys, name):
    result = document(capsys, f"--data {name}.npz")
    assert {verdict["status"] for verdict in result["verdicts"]} == {"HOLDS"}
    for key in ("s_min", "lambda_min", "norm_w_star", "largest_stable_step"):
        estimate = result[key]
        assert 0 < estimate["lower"] < estimate["upper"] < estimate["lower"] * (1 + 1e-9)
    assert result["lambda_min"]["value"] > 0
    assert "with --standardize" in result["notes"][0]


def test_good_units_are_not_commented(files, capsys):
    assert "notes" not in document(capsys, "--data good.npz")
    assert "notes" not in document(capsys, "--data time.npz --standardize")


def test_a_note_is_printed_under_the_table(files, capsys):
    assert run("deep-linear sharpness --data time.npz --target y --depth 4".split()) == 0
    assert "note: the units of the columns set these values" in capsys.readouterr().out


def test_dependent_columns(files, capsys):
    exact, rounded = (document(capsys, f"--data {name}.npz") for name in ("coded", "decimal"))
    assert exact["lambda_min"]["kind"] == "exact"
    assert "notes" not in exact
    assert rounded["lambda_min"]["upper"] > 0
    assert "dependent to rounding: values are for rank 2 of 3" in rounded["notes"][0]
    good = document(capsys, "--data good.npz")["s_min"]["value"]
    assert rounded["s_min"]["lower"] < good < rounded["s_min"]["upper"] * 2


def test_columns_near_the_ends_of_the_range_can_be_standardized(files, capsys):
    values = [document(capsys, f"--data {name}.npz --standardize") for name in ("good", "huge", "tiny", "smaller")]
    for result in values:
        assert result["s_min"]["value"] == pytest.approx(values[0]["s_min"]["value"], rel=1e-12)


def test_what_no_float64_holds_is_given_by_its_logarithm(files, capsys):
    result = document(capsys, "--data ends.npz")
    assert (result["s_balanced"]["value"], result["s_min"]["value"] > 0) == (None, True)
    top, norm = result["lambda_max"]["value"], result["norm_w_star"]["value"]
    assert result["log_s_balanced"] == pytest.approx(np.log(2 * top) + 1.5 * np.log(norm), rel=1e-9)
    assert result["log_s_upper_paper"] > result["log_s_balanced"]
    assert not [key for key in document(capsys, "--data good.npz") if key.startswith("log_")]


def test_several_depths_are_one_table_and_a_list(files, capsys):
    assert run([*"deep-linear sharpness --data good.npz --target y --depth 2,8,2".split(), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [one["depth"] for one in result["depths"]] == [2, 8]
    alone = document(capsys, "--data good.npz --depth 8")
    assert {name: value for name, value in result["depths"][1].items() if name != "provenance"} == {
        name: value for name, value in alone.items() if name not in ("provenance", "verdicts")
    }
    assert {verdict["case"][:7] for verdict in result["verdicts"]} == {"depth 2", "depth 8"}
    assert run("deep-linear sharpness --data good.npz --target y --depth 2,8".split()) == 0
    said = capsys.readouterr().out
    assert re.search(r"\n8 +largest_stable_step +[\d.e-]+ \[", said)
    assert said.splitlines()[2].split()[0] == "8"


@pytest.mark.slow
def test_the_largest_stable_step_is_drawn_against_depth(files, capsys):
    assert run("deep-linear sharpness --data good.npz --target y --depth 2,8 --figure s.svg --json".split()) == 0
    assert (files / "s.svg").stat().st_size > 10_000


@pytest.mark.parametrize("depth", [100, 3000, 10**6, 10**15])
@pytest.mark.parametrize("data", ["good", "time"])
def test_the_enclosure_of_minimal_sharpness_is_narrow_at_every_depth(files, capsys, data, depth):
    result = document(capsys, f"--data {data}.npz --depth {depth}")
    assert {verdict["status"] for verdict in result["verdicts"]} == {"HOLDS"}
    estimate = result["s_min"]
    assert result["s_lower_paper"]["value"] < estimate["upper"]
    assert estimate["upper"] - estimate["lower"] < 1e-9 * estimate["value"]


@pytest.mark.parametrize("name", ["readout", "small"])
def test_minimal_sharpness_grows_with_the_readout(files, capsys, name):
    """S_min goes with |p|^{2/L}; whole numbers are read as numbers."""
    plain = document(capsys, "--data good.npz")["s_min"]["value"]
    size = 5**0.5 * (1e-200 if name == "small" else 1)
    result = document(capsys, f"--data good.npz --residual {name}.npy")
    assert result["s_min"]["value"] == pytest.approx(plain * size**0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("--data smaller.npz", r"column 1 of X must be zero or have a largest entry between 1e-152 and 1e\+152, got"),
        ("--data tiny.npz", "column 1 of X .* got .*e-154: change its unit or standardize it"),
        ("--data huge.npz", "column 1 of X .* got .*e\\+155"),
        ("--data huge_target.npz", "the target must be zero or have a largest entry between"),
        ("--data good.npz --depth 1000000000000001", r"depth must be at most 1e\+15, got 1000000000000001"),
        ("--data good.npz --depth -1", "depth must be >= 1"),
        ("--data good.npz --depth 2,,8", "depth must be a number, got ''"),
        ("--data good.npz --depth 2,1.5", "depth must be a whole number, got 1.5"),
        ("--data good.npz --residual zero.npy", "readout must not be zero"),
        ("--data good.npz --residual long.npy", r"readout must have shape \(2,\), got \(3,\)"),
        ("--data good.npz --residual nan.npy", "nan"),
        ("--data good.npz --residual table.npy", "readout must have 1 dimension"),
        ("--data good.npz --residual absent.npy", "no file 'absent.npy'"),
    ],
)
def test_bad_input_is_one_line_and_code_2(files, capsys, command, message):
    depth = [] if "--depth" in command else ["--depth", "4"]
    assert run(["deep-linear", "sharpness", *command.split(), *depth, "--target", "y", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err), err
