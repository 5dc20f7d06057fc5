"""The command line contract: JSON on standard output, one line on standard error, exit codes."""

import json
import re
import subprocess
import sys

import mpmath
import numpy as np
import pytest

from fathometer.cli import run


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with good and bad files to name on the command line."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    features = rng.standard_normal((30, 2))
    target = features @ [1.0, -2.0] + 0.1 * rng.standard_normal(30)
    rows = "\n".join(f"{a},{b},{y}" for (a, b), y in zip(features, target, strict=True))
    (tmp_path / "good.csv").write_text(f"a,b,y\n{rows}\n")
    (tmp_path / "nan.csv").write_text("a,b,y\n1,2,3\nnan,5,6\n")
    (tmp_path / "empty.csv").write_text("")
    np.save(tmp_path / "points.npy", np.eye(3))
    np.save(tmp_path / "zero.npy", np.array([[1.0, 0, 0], [0, 0, 0], [0, 1, 0]]))
    np.save(tmp_path / "readout.npy", np.array([1.0, -1.0]))
    return tmp_path


SHARPNESS = "deep-linear sharpness --data good.csv --target y --depth 3"
BOUND = "bound maurer_seeger risk=0.1 kl=10 m=1000 delta=0.05"
SIMULATE = "attention simulate --points points.npy --beta 1 --time 5"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("deep-linear sharpness --data nan.csv --target y --depth 3", "column 'a' of nan.csv .* row 2"),
        ("deep-linear sharpness --data good.csv --target z --depth 3", "no column 'z' in good.csv; columns: a, b, y"),
        ("deep-linear sharpness --data empty.csv --target y --depth 3", "empty.csv is empty"),
        ("deep-linear sharpness --data absent.csv --target y --depth 3", "no file 'absent.csv'"),
        ("deep-linear sharpness --data good.csv --target y --depth 0", "depth must be >= 1, got 0"),
        ("deep-linear sharpness --data good.csv --target y --depth two", "two"),
        ("deep-linear sharpness --data good.csv --target y", "--depth"),
        ("deep-linear sharpness --data good.csv --target y --depth 3 --residual points.npy", "readout"),
        ("bound maurer_seeger risk=0.1 kl=10 m=1000 delta=0", "delta must be > 0 and < 1, got 0"),
        ("bound maurer_seeger risk=0.1 kl=10 m=1000", "delta"),
        ("bound maurer_seeger risk=0.1 kl=10 m=1000 delta=0.05 x=1", "x"),
        ("bound maurer_seeger risk=0.1 kl=10 m=1000 delta", "key=value"),
        ("bound maurer_seeger risk=nan kl=10 m=1000 delta=0.05", "risk"),
        ("bound no_such_bound delta=0.05", "no_such_bound"),
        ("bound", "--list"),
        ("attention simulate --points zero.npy --beta 1 --time 5", "row 1"),
        ("attention simulate --points points.npy --beta -1 --time 5", "beta must be >= 0, got -1"),
        ("attention simulate --points points.npy --beta nan --time 5", "beta"),
        ("attention simulate --points points.npy --beta 1 --time 5 --model x", "model"),
        ("attention simulate --points points.npy --uniform 3,3 --beta 1 --time 5", "--points"),
        ("attention simulate --uniform 3 --beta 1 --time 5", "--uniform"),
        ("attention simulate --beta 1 --time 5", "--points"),
        ("theorems show nothing", "no theorem is called 'nothing'"),
        ("theorems show energy_increase", "like it: energy_increases"),
        ("bound --list test_kl", "--list takes no name"),
        ("certify coverage --bounds test_kl --draws 1000001", "draws must be >= 100 and <= "),
        ("certify reproduce --ratio inf", "ratio"),
        ("no-such-command", "no-such-command"),
        ("doctor --no-such-option", "--no-such-option"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_nothing_written(files, capsys, command, message):
    before = sorted(files.iterdir())
    assert run([*command.split(), "--json", "--out", "results"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fathometer: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert re.search(message, err), err
    assert sorted(files.iterdir()) == before


@pytest.mark.parametrize(
    "command", [SHARPNESS, BOUND, SIMULATE, "theorems list", "theorems show energy_increases", "doctor"]
)
def test_json_is_one_object_on_standard_output_and_the_same_in_the_folder(files, capsys, command):
    assert run([*command.split(), "--json", "--out", "results"]) == 0
    document = json.loads(capsys.readouterr().out, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    assert isinstance(document, dict)
    stored = list((files / "results").glob("*.json"))
    assert len(stored) == 1
    assert json.loads(stored[0].read_text()) == document


@pytest.mark.parametrize(
    "command", [SHARPNESS, BOUND, SIMULATE, "theorems list", "theorems cite energy_increases", "doctor"]
)
def test_without_json_there_is_something_to_read(files, capsys, command):
    assert run(command.split()) == 0
    assert len(capsys.readouterr().out.strip()) > 20


def test_sharpness_has_the_contract_keys(files, capsys):
    assert run([*SHARPNESS.split(), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    keys = "norm_w_star lambda_min lambda_max rayleigh_a s_min s_balanced s_lower_paper s_upper_paper".split()
    for key in [*keys, "largest_stable_step", "paper_step"]:
        assert {"value", "lower", "upper", "kind"} <= set(result[key])
    assert result["s_lower_paper"]["value"] <= result["s_min"]["value"] <= result["s_balanced"]["value"]
    assert result["largest_stable_step"]["value"] == pytest.approx(2 / result["s_min"]["value"])
    assert all(verdict["status"] == "HOLDS" for verdict in result["verdicts"])


def test_a_residual_readout_is_read(files, capsys):
    assert run([*SHARPNESS.split(), "--residual", "readout.npy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problem"]["readout"]["shape"] == [2]


def test_what_does_not_exist_is_null_and_inapplicable_is_code_3(files, capsys):
    (files / "flat.csv").write_text("a,y\n1,0\n2,0\n")
    assert run("deep-linear sharpness --data flat.csv --target y --depth 3 --json".split()) == 3
    result = json.loads(capsys.readouterr().out)
    assert result["largest_stable_step"]["value"] is None
    assert {verdict["status"] for verdict in result["verdicts"]} <= {"INAPPLICABLE", "UNDECIDED", "VACUOUS"}


def test_maurer_seeger_is_right_to_the_last_place_and_not_below(capsys):
    assert run([*BOUND.split(), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    with mpmath.workdps(40):
        budget = (10 + mpmath.log(2 * mpmath.sqrt(1000) / mpmath.mpf("0.05"))) / 1000
        q = mpmath.mpf("0.1")
        kl = lambda p: q * mpmath.log(q / p) + (1 - q) * mpmath.log((1 - q) / (1 - p)) - budget  # noqa: E731
        exact = mpmath.findroot(kl, 0.16)
        assert result["value"] >= exact
    assert result["value"] == pytest.approx(0.1644761778363172, abs=1e-16)  # the exact value ends in ...1724104
    assert result["bound"] == "maurer_seeger"
    assert result["vacuous"] is False
    assert result["terms"]


def test_every_listed_bound_names_its_keys(capsys):
    assert run(["bound", "--list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["bounds"]
    assert {"maurer_seeger", "test_binomial", "occam", "w1_route_a", "risk_transport", "smooth_gauss"} <= {
        row["id"] for row in rows
    }
    assert all(row["keys"] for row in rows)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run(files, capsys):
    command = "attention simulate --uniform 5,3 --beta 2 --time 3 --seed 4 --json".split()
    documents = []
    for _ in range(2):
        run(command)
        documents.append(capsys.readouterr().out)
    assert documents[0] == documents[1]
    run([*command[:-2], "5", "--json"])
    assert capsys.readouterr().out != documents[0]


def fathometer(*arguments: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "fathometer", *arguments], capture_output=True, text=True, **more)


def test_the_console_script_reports_its_code_without_a_traceback(tmp_path):
    done = fathometer("bound", "nothing", "delta=0.05", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_help_loads_nothing_heavy():
    """What keeps --help under 0.3 s; `benchmarks/startup.py` measures it."""
    code = "import sys; from fathometer.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "deep-linear" in done.stdout
    assert not {"numpy", "jax", "scipy", "matplotlib", "sklearn", "pyarrow", "diffrax", "rich"} & set(
        done.stderr.split()
    )
