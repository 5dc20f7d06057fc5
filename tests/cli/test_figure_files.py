"""--figure and --store of the commands that are quick."""

import json

import numpy as np
import pytest

from fathometer.cli import run

BOUND = "bound maurer_seeger risk=0.1 kl=10 m=1000 delta=0.05"


@pytest.fixture
def hidden(tmp_path):
    np.savez(tmp_path / "hidden.npz", hidden=np.random.default_rng(0).standard_normal((3, 4, 3)))
    return tmp_path / "hidden.npz"


@pytest.mark.parametrize("form", ["svg", "html"])
def test_a_figure_lies_where_it_was_asked_for_and_is_named(tmp_path, capsys, form):
    assert run([*BOUND.split(), "--figure", str(tmp_path / f"b.{form}")]) == 0
    assert f"drawn: {tmp_path / f'b.{form}'}" in capsys.readouterr().out
    assert (tmp_path / f"b.{form}").stat().st_size > 1000


@pytest.mark.slow
def test_a_folder_gets_the_page_beside_the_result(tmp_path, hidden, capsys):
    assert run(["attention", "layers", str(hidden), "--out", str(tmp_path / "o"), "--json"]) == 0
    json.loads(capsys.readouterr().out)
    assert {path.name for path in (tmp_path / "o").iterdir()} == {"attention-layers.json", "attention-layers.html"}


@pytest.mark.parametrize(
    ("name", "said"),
    [("b.bmp", "a figure must be named *.svg"), ("b.gif", "a gif shows tokens that move on the circle or the sphere")],
)
def test_a_form_that_cannot_be_is_refused_in_one_line(tmp_path, capsys, name, said):
    assert run([*BOUND.split(), "--figure", str(tmp_path / name)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / name).exists()


@pytest.mark.slow
def test_a_simulation_is_filmed_stored_and_read_back(tmp_path, capsys):
    simulate = "attention simulate --beta 1 --time 1 --saves 3".split()
    film, store = str(tmp_path / "film.gif"), str(tmp_path / "run.npz")
    assert run([*simulate, "--uniform", "4,3", "--figure", film, "--store", store]) in (0, 3)
    assert run(["attention", "layers", store]) == 0
    assert run([*simulate, "--points", store]) in (0, 3)
    assert (tmp_path / "film.gif").read_bytes().startswith(b"GIF89a")


def test_a_collapse_without_states_has_nothing_to_store(tmp_path, capsys):
    asked = ["attention", "collapse", "--uniform", "4,3", "--beta", "1", "--no-verdicts", "--store"]
    assert run([*asked, str(tmp_path / "run.npz")]) == 2
    assert "leave one of them out" in capsys.readouterr().err
