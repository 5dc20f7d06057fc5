"""Every command under every ending that its surroundings can give it: no traceback, and a code that is right."""

import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import typer

from fathometer.cli import app, run
from fathometer.cli._of_input import message_of
from fathometer.cli._streams import quiet_libraries

CHEAP = (
    "bound test_kl risk=0.1 n=100 delta=0.05",
    "bound --list",
    "theorems list",
    "theorems show energy_increases",
    "theorems cite energy_increases",
    "theorems test hemisphere_cone",
    "theorems graph",
    "doctor",
    "attention simulate --points points.npy --beta 1 --time 1 --saves 3",
    "attention collapse --points points.npy --beta 1 --tolerance 1e-5 --no-check",
    "attention minimal-energy --n 4 --dim 3 --beta 1 --degree 6 --starts 2",
    "attention phase --n 3 --dim 2 --beta 0.5,1,2 --time 0.5,1,2 --systems 2",
    "attention layers hidden.npz",
    "attention noise --beta 1 --particles 0 --kappa 2,9,2",
    "network layers tapped:network --ids ids.npz --control none",
    "deep-linear sharpness --data table.csv --target y --depth 2",
    "deep-linear sharpness --data table.csv --target y --depth 2,3",
    "deep-linear train --data table.csv --target y --depth 2 --width 2 --init gaussian:0.5 --step 0.01 --steps 5",
    "certify --data table.csv --target label --model linear",
    "recheck saved.json --data table.csv --target label",
    "predict saved.json --data table.csv",
    "certify --data table.csv --target label --model linear --curve-sizes 2",
    "certify compare saved.json other.json --data table.csv --target label",
    "certify coverage --bounds test_kl --draws 100",
    "network certify own_net:linear --data classes.npz --saw none",
    "study list sharpness",
    "study run study.toml",
    "study show kept",
    "study watch kept",
    "study figure kept",
    "study export kept exported.csv",
)
SLOW = (
    "attention certificate --points points.npy --beta 60",
    "tour --quick",
    "attention figure sphere --quick",
    "attention threshold --points points.npy --beta 1,2,2",
    "deep-linear figure traces --quick",
    "certify bridge --quick",
    "certify conversion --data table.csv --target label --regimes biases",
    "certify reproduce --quick",
    "certify fetch fetched",
    "network inspect --demo",
    "network sharpness linear_network:brought --data rows.npz",
    "network step linear_network:brought --data rows.npz --lr 0.1",
    "network fetch fetched --models albert",
)
ENDINGS = (0, 1, 3)
TAPPED = """
import numpy as np

from fathometer.network import tap

def network():
    return residual, {"embedding": np.random.default_rng(0).standard_normal((9, 4))}

def residual(parameters, ids):
    x = tap("blocks.0.resid_pre", parameters["embedding"][np.asarray(ids)])
    return tap("blocks.0.resid_post", x + x.mean(axis=-2, keepdims=True))
"""
LINEAR_NETWORK = """
import numpy as np


def brought():
    return (lambda w, x: x @ w, np.ones(2)), lambda model, X, y: ((model(X) - y) ** 2).mean()
"""


STUDY = """
[computation]
name = "coverage"
[grid]
m = [16, 64]
[fixed]
draws = 100
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the commands read."""
    here = tmp_path_factory.mktemp("commands")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((80, 2))
    rows = zip(x, x @ [1.0, -2.0] + 0.1 * rng.standard_normal(80), x[:, 0] > 0, strict=True)
    lines = [f"{a},{b},{y},{int(label)}" for (a, b), y, label in rows]
    (here / "table.csv").write_text("\n".join(["a,b,y,label", *lines]) + "\n")
    np.save(here / "points.npy", np.eye(3))
    (here / "tapped.py").write_text(TAPPED)
    np.savez(here / "ids.npz", ids=[[1, 2, 3, 4], [5, 6, 7, 8]])
    np.savez(here / "hidden.npz", hidden=rng.standard_normal((2, 4, 3)))
    (here / "linear_network.py").write_text(LINEAR_NETWORK)
    np.savez(here / "classes.npz", X=x, y=(x[:, 0] > 0).astype(int))
    (here / "own_net.py").write_text("import numpy\n\ndef linear():\n    return (lambda p, x: x @ p), numpy.eye(2)\n")
    np.savez(here / "rows.npz", X=x, y=x @ [1.0, -2.0])
    (here / "file").write_text("")
    (here / "study.toml").write_text(STUDY)
    before = Path.cwd()
    os.chdir(here)
    assert run("study run study.toml --json --out kept".split()) in ENDINGS
    for saved in ("saved.json", "other.json --delta .1"):
        assert run(f"certify --data table.csv --target label --model linear --json --save {saved}".split()) == 0
    os.chdir(before)
    return here


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def names(command: object, path: tuple[str, ...] = ()) -> list[str]:
    """All commands, those with a default and subcommands among them."""
    inner = [name for key, sub in getattr(command, "commands", {}).items() for name in names(sub, (*path, key))]
    alone = not inner or getattr(command, "invoke_without_command", False)
    return [*([" ".join(path)] if alone else []), *inner]


ELSEWHERE = {"app"}
"""Serves until it is interrupted: tests/app and tests/browser."""


def test_the_table_has_every_command():
    known = set(names(typer.main.get_command(app))) - ELSEWHERE
    missing = [name for name in known if not any(f"{line} ".startswith(f"{name} ") for line in (*CHEAP, *SLOW))]
    assert missing == []


def test_every_command_takes_json_seed_and_out():
    def visit(command, path):
        for key, sub in getattr(command, "commands", {}).items():
            yield from visit(sub, (*path, key))
        if not getattr(command, "commands", {}):
            yield path, {name for parameter in command.params for name in parameter.opts}

    for path, options in visit(typer.main.get_command(app), ()):
        assert {"--json", "--seed", "--out"} <= options, path


def one_line(captured) -> str:
    out, err = captured.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("fathometer: ")
    return err


@pytest.mark.slow
@pytest.mark.parametrize("out", ["file", "file/below", "/proc/nowhere", "a" * 300])
@pytest.mark.parametrize("command", [*CHEAP, *SLOW])
def test_a_folder_that_cannot_be_is_refused_before_any_work(here, capsys, command, out):
    out = f"{out}/p.csv" if command.startswith("predict") else out
    before = sorted(here.rglob("*"))
    assert run([*command.split(), "--out", out]) == 2
    assert "must be a folder that can be written to" in one_line(capsys)
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("certify --data table.csv --target label --save .", "must be a file"),
        ("certify --data table.csv --target label --save file/below.json", "must be a folder"),
        ("certify fetch file", "must be a folder"),
        ("certify fetch file/below", "must be a folder"),
        ("network fetch file", "must be a folder"),
        (
            "network fetch new --models nothing",
            "no public network is called 'nothing'; known: albert, minilm, cnn, mnist",
        ),
    ],
)
def test_other_places_to_write_to_are_checked_too(here, capsys, command, message):
    assert run(command.split()) == 2
    assert message in one_line(capsys)


@pytest.mark.parametrize(
    "command", ["certify fetch", "theorems show", "bound", "recheck", "attention layers", "doctor"]
)
def test_the_empty_text_is_no_argument(here, capsys, command):
    assert run([*command.split(), ""]) == 2
    assert "must not be empty" in one_line(capsys)


@pytest.mark.parametrize("command", [*CHEAP, *SLOW, "--help", ""])
def test_a_closed_output_is_refused_before_any_work(here, capsys, monkeypatch, command):
    monkeypatch.setattr(sys, "stdout", None)
    assert run(command.split()) == 2
    monkeypatch.undo()
    assert "standard output is closed" in one_line(capsys)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("json_too", [[], ["--json"]])
@pytest.mark.parametrize("command", [*CHEAP, "--help"])
def test_a_full_output_is_bad_input(here, capsys, monkeypatch, command, json_too):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        code = run([*command.split(), *(json_too if command != "--help" else [])])
        monkeypatch.undo()
    assert code == 2
    assert capsys.readouterr().err.endswith("fathometer: cannot write: No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("json_too", [[], ["--json"]])
@pytest.mark.parametrize("command", [*CHEAP, "--help"])
def test_a_reader_that_is_gone_is_the_end_and_no_verdict(here, capsys, monkeypatch, command, json_too):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as cut:
        monkeypatch.setattr(sys, "stdout", cut)
        code = run([*command.split(), *(json_too if command != "--help" else [])])
        monkeypatch.undo()
    assert code == 141
    assert "rror" not in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("command", [*CHEAP, "--help"])
def test_a_console_of_few_characters_shows_all_it_can(here, monkeypatch, command, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    code = run(command.split())
    monkeypatch.undo()
    assert code in ENDINGS
    assert len(stream.buffer.getvalue()) > 20


def test_letters_lose_no_more_than_their_accents(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    run(["doctor", "--json"])
    stream.write("Erd\u0151s \u2026 \u03b2")
    stream.flush()
    monkeypatch.undo()
    assert stream.buffer.getvalue().endswith(b"Erdos ... ?")


@pytest.mark.parametrize("command", [*CHEAP, *SLOW])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--seed", "-1"], "-1"),
        (["--seed", str(2**63)], str(2**63)),
        (["--seed", "1.5"], "1.5"),
        (["--seed", ""], "--seed must not be empty"),
        (["--out", ""], "--out must not be empty"),
        (["--out="], "--out must not be empty"),
        (["--out"], "--out"),
        (["--no-such-option"], "--no-such-option"),
        (["--json", "true", "extra"], "true|extra"),
    ],
)
def test_options_that_cannot_be_are_one_line(here, capsys, command, options, message):
    assert run([*command.split(), *options]) == 2
    assert re.search(message, one_line(capsys))


def _runs(command):
    """Some take seconds, and are run to the end in the tests of their own."""
    long = (
        "attention simulate",
        "attention collapse",
        "attention phase",
        "attention noise",
        "theorems test",
        "certify ",
    )
    return pytest.param(command, marks=[pytest.mark.slow] if command.startswith(long) else [])


@pytest.mark.parametrize("command", [_runs(command) for command in CHEAP])
def test_the_largest_seed_is_a_seed(here, capsys, command):
    assert run([*command.split(), "--seed", str(2**63 - 1), "--json"]) in ENDINGS
    json.loads(capsys.readouterr().out)


class TestWhoseErrorItIs:
    @pytest.mark.parametrize(("error", "part"), [
        (OSError(28, "No space left on device"), "cannot write: No space left"),
        (PermissionError(13, "Permission denied", "/locked/x"), "cannot use '/locked/x'"),
        (IsADirectoryError(21, "Is a directory", "d"), "Is a directory"),
        (FileNotFoundError(2, "No such file or directory", "given/inside"), "given/inside"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "not utf-8 text"),
        (MemoryError(), "too large for the memory"),
        (np._core._exceptions._ArrayMemoryError((10**9, 10**9), np.dtype(float)), "too large .* Unable to allocate"),
        (ValueError("Maximum allowed dimension exceeded"), "too large"),
    ])  # fmt: skip
    def test_the_input_s_or_the_machine_s(self, error, part):
        assert re.search(part, message_of(error, ["command", "--out=given"]) or "")

    @pytest.mark.parametrize("error", [
        FileNotFoundError(2, "No such file or directory", "elsewhere"),
        TypeError("unsupported operand"),
        ValueError("shapes do not match"),
        KeyError("x"),
        ZeroDivisionError(),
        OSError("something"),
    ])  # fmt: skip
    def test_an_error_of_ours_has_no_message_for_the_user(self, error):
        assert message_of(error, ["command", "--out=given"]) is None


@pytest.mark.parametrize(
    "text", ["[]", "1", "null", '"x"', '{"ledger": 3}', '{"ledger": {"rows": [1]}}', "\udcff", "[" * 100_000]
)
def test_a_certificate_of_wrong_types_is_one_line(here, capsys, text):
    (here / "wrong.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert run("recheck wrong.json --data table.csv --target label".split()) == 2
    one_line(capsys)


def test_warnings_of_libraries_are_not_shown(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with quiet_libraries():
            np.float64(1e308) * 10
            warnings.warn("from a library", UserWarning, stacklevel=1)
        assert capsys.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("theorems list >&-", 2, "standard output is closed"),
        ("theorems list > /dev/full", 2, "No space left on device"),
        ("bound --list --json | true", 141, ""),
        ("--help | true", 141, ""),
        ("theorems list 2>&- | grep -q wendel", 0, ""),
    ],
)
def test_the_console_script_in_a_shell(tmp_path, line, code, message):
    script = f"set -o pipefail; {sys.executable} -m fathometer {line}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
