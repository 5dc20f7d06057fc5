"""The doctor knows every extra that a user can install."""

import tomllib
from pathlib import Path

from fathometer.cli.doctor import EXTRAS

HOME = Path(__file__).parents[2]
PROJECT = HOME / "pyproject.toml"
FOR_DEVELOPERS = {"torch-test", "test", "build-app", "browser-test", "docs", "mutants", "lint"}


def test_every_extra_is_looked_for():
    offered = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    assert set(offered) > FOR_DEVELOPERS
    assert set(EXTRAS) == set(offered) - FOR_DEVELOPERS
    for name, modules in EXTRAS.items():
        assert len(modules) == len(offered[name]), name


def test_every_extra_is_in_the_readme():
    said = (HOME / "README.md").read_text().partition("Extras,")[2]
    assert [name for name in EXTRAS if f"`{name}`" not in said] == []
