"""The studies that ship as examples: what they say, and small versions of them from start to end."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from fathometer.computations import find
from fathometer.computations.generalization.coverage import _NAMED
from fathometer.report import render
from fathometer.study import Study, in_process, read_specification, run_study, specification_of
from fathometer.study.figure import study_figure

FOLDER = Path(__file__).parents[2] / "examples" / "studies"
NAMES = ("coverage", "sharpness", "universality")
SMALLER: dict[str, dict[str, dict[str, Any]]] = {
    "coverage": {
        "grid": {"m": [16, 64], "delta": [0.05, 0.2], "experiment": ["test_binomial", "mcallester", "vc"]},
        "fixed": {"draws": 300},
    },
    "sharpness": {"grid": {"depth": [2], "scale": [0.3, 0.5], "step": [0.05, 0.1]}, "fixed": {"steps": 500, "runs": 2}},
    "universality": {
        "grid": {"n": [4], "dim": [4, 64], "beta": [0.5, 1]},
        "fixed": {"systems": 4, "until": 12, "saves": 60},
    },
}


def small(name: str, folder: Path) -> Study:
    """Run an example with fewer cells."""
    document = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")) | SMALLER[name]
    specification = specification_of(document, find)
    return run_study(specification, folder, in_process(), say=lambda line: None)


def test_there_are_three():
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_a_specification_with_a_figure_and_a_judge(name):
    specification = read_specification(FOLDER / f"{name}.toml", find)
    assert 100 <= len(specification.cells) <= 1000
    assert specification.figure
    assert specification.judge.columns


def test_the_study_of_coverage_has_every_honest_experiment():
    document = tomllib.loads((FOLDER / "coverage.toml").read_text("utf-8"))
    assert document["grid"]["experiment"] == [name for name, one in _NAMED.items() if not one.control]


@pytest.mark.parametrize(
    "name", [name if name == "coverage" else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
)
def test_a_small_version_runs_and_is_drawn(tmp_path, name):
    study = small(name, tmp_path / name)
    assert (study.finished, study.failed) == (study.cells, 0)
    counts = study.verdict_counts()
    assert counts
    assert not any("VIOLATED" in came for came in counts.values())
    figure = study_figure(study, find(study.computation).about)
    assert len(render(figure.charts, "svg")) > 5000
    assert set(figure.data) >= {study.layout.document["specification"]["figure"]["y"]}
