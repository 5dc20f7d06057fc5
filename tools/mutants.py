"""Mutation testing: `python tools/mutants.py evidence` or `bounds`, with patterns of mutants to be quicker.

mutmut changes the folder in small ways, one at a time, and runs the tests that reach the changed function. What no
test notices is written to build/mutants/FOLDER/survivors.txt; docs/mutants.md says which changes mean nothing. The
tests run without the project's conftest and plugins: these folders need none, and they take longer than the tests.
"""

import ast
import difflib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEAST = 0.9
"""Share of the mutants that tests must notice."""
FOLDERS = {
    "evidence": ("evidence", ["tests/evidence", "--ignore=tests/evidence/test_import.py"]),
    "bounds": ("generalization/bounds", ["tests/generalization/bounds"]),
}
"""What is mutated, and the tests that run: those of the same room, without one that starts an interpreter."""
SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = ["src/fathometer/{path}/*"]
also_copy = ["tools"]
use_git_change_detection = false
timeout_multiplier = 5.0
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = [
    "--noconftest", "-p", "no:cacheprovider", "-m", "not slow", "-o", "addopts=--import-mode=importlib"
]
"""
NOTICED = (1, 3, 24, -24, 36, 152, 255)
"""What mutmut keeps of a mutant that a test notices: pytest's exit code, or that of a test that does not end."""


def prepare(name: str) -> Path:
    """Copy the project to a folder of its own, with mutmut's settings."""
    folder = ROOT / "build" / "mutants" / name
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("src", "tests", "tools"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    path, tests = FOLDERS[name]
    settings = SETTINGS.format(path=path, tests=json.dumps(tests))
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8") + settings, "utf-8")
    return folder


def outcomes(folder: Path) -> dict[str, int]:
    """Exit codes by mutant, of those that were run."""
    found: dict[str, int] = {}
    for path in sorted((folder / "mutants" / "src").rglob("*.meta")):
        found |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    return {name: code for name, code in found.items() if code is not None}


def survivors(folder: Path, names: set[str]) -> Iterator[str]:
    """Show what was changed in mutants.

    Yields:
        The name of each, and the lines that differ.
    """
    for path in sorted((folder / "mutants" / "src").rglob("*.py")):
        module = ".".join(path.relative_to(folder / "mutants" / "src").with_suffix("").parts)
        if chosen := [name for name in names if name.rpartition(".")[0] == module]:
            bodies = _bodies(path.read_text("utf-8"))
            for name in sorted(chosen):
                yield name
                yield from _changes(bodies, name.rpartition(".")[2])


def _bodies(source: str) -> dict[str, list[str]]:
    lines, tree = source.splitlines(), ast.parse(source)
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {node.name: lines[node.lineno - 1 : node.end_lineno] for node in nodes}


def _changes(bodies: dict[str, list[str]], name: str) -> Iterator[str]:
    before, after = (bodies.get(each, []) for each in (f"{name.rpartition('_')[0]}_orig", name))
    for line in difflib.unified_diff(before, after, n=0, lineterm=""):
        if line[:1] in "+-" and line[:3] not in ("+++", "---") and "__mutmut_" not in line:
            yield f"    {line[0]} {line[1:].strip()}"


def main(name: str, *patterns: str) -> int:
    """Run mutmut on a folder, write down the survivors, and return whether there are too many.

    With CI in the environment, hypothesis draws the same examples each time and sets no deadline: no mutant is killed
    because the machine is busy.
    """
    folder = prepare(name)
    mutmut = Path(sys.executable).with_name("mutmut")
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "true"}
    environment.pop("PYTHONPATH", None)
    subprocess.run([mutmut, "run", "--max-children", "1", *patterns], cwd=folder, env=environment, check=True)
    codes = outcomes(folder)
    left = {mutant for mutant, code in codes.items() if code not in NOTICED}
    (folder / "survivors.txt").write_text("\n".join(survivors(folder, left)) + "\n", "utf-8")
    share = 1 - len(left) / len(codes)
    print(f"{name}: {len(codes) - len(left)} of {len(codes)} mutants are noticed, {share:.1%}; survivors in {folder}")
    return int(share < LEAST)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
