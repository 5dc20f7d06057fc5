"""What runs elsewhere: the workflow and the hooks are valid, and name what the project promises."""

import json
import tomllib
from pathlib import Path

import yaml
from tools.lowest_versions import lowest_versions

ROOT = Path(__file__).parents[1]


def test_the_workflow_is_valid_and_tests_every_python_that_is_promised():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    assert set(workflow["jobs"]) == {"wheel", "test", "torch", "lint", "newest-jax"}
    assert all({"runs-on", "steps"} <= set(job) for job in workflow["jobs"].values())
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    promised = [line.rpartition(" ")[2] for line in classifiers if "Python :: 3." in line]
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == promised


def test_hooks_run_what_lint_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = (ROOT / "Makefile").read_text()
    for hook in hooks:
        assert hook["entry"].removeprefix(".venv/bin/").split()[0] in lint


def test_lowest_versions_are_those_of_the_project():
    found = lowest_versions(ROOT / "pyproject.toml")
    assert "jax==0.10" in found
    assert all(line.count("==") == 1 for line in found)


def test_versions_are_pinned_without_addresses():
    pinned = [*ROOT.glob("constraints*.txt"), *(ROOT / "frontend").glob("package*.json")]
    assert len(pinned) == 4
    for file in pinned:
        assert "://" not in file.read_text(), file
    asked = json.loads((ROOT / "frontend" / "package.json").read_text())["devDependencies"]
    held = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    assert {name: held[f"node_modules/{name}"]["version"] for name in asked} == asked
