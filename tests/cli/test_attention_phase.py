import json
import re

import numpy as np
import pytest

from fathometer.attention import phase_diagram
from fathometer.cli import run

SMALL = ["attention", "phase", "--n", "6", "--dim", "3", "--beta", "0.5,2,3", "--time", "1,4,2", "--systems", "5"]


@pytest.mark.slow
def test_the_document_and_the_drawing(tmp_path, capsys):
    assert run([*SMALL, "--json", "--seed", "3", "--out", str(tmp_path), "--format", "png"]) == 0
    document = json.loads(capsys.readouterr().out)
    expected = phase_diagram(6, 3, [0.5, 1.25, 2.0], [1.0, 4.0], systems=5, seed=3)
    np.testing.assert_allclose(document["fraction"]["value"], expected.fraction.value)
    np.testing.assert_allclose(document["log_curve"]["value"], expected.log_curve.value)
    assert document["betas"] == [0.5, 1.25, 2.0]
    assert document["provenance"]["seed"] == 3
    assert {path.name for path in tmp_path.iterdir()} == {f"attention-phase.{form}" for form in ("json", "png", "html")}
    assert (tmp_path / "attention-phase.png").read_bytes().startswith(b"\x89PNG")


def test_the_table_is_short(capsys):
    assert run(SMALL) == 0
    text = capsys.readouterr().out
    assert "closed form" in " ".join(text.split())
    assert "1.25" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--beta", "1,2"], "--beta must be LO,HI,N"),
        (["--beta", "2,1,3"], "HI of --beta must be > 2"),
        (["--time", "0,1,1"], "N of --time must be >= 2"),
        (["--model", "x"], "model must be one of"),
        (["--format", "gif"], "format must be one of"),
        (["--raw-time"], "raw_time is for usa only"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(tmp_path, capsys, change, message):
    assert run([*SMALL, *change, "--json", "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert re.search(message, err)
    assert not list(tmp_path.iterdir())
