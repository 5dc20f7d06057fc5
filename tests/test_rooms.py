"""The rules of the rooms, where reading the source can tell; import-linter holds the directions."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import fathometer

SOURCE = Path(fathometer.__file__).parent
THEORIES = ("attention", "deep_linear", "generalization")
MOST_FILES = 15
LONGEST_BODY = 15


def modules(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module in rooms of that name, of all theories, by its path."""
    for theory in THEORIES:
        for room in rooms:
            for path in sorted((SOURCE / theory / room).rglob("*.py")):
                yield str(path.relative_to(SOURCE)), ast.parse(path.read_text())


def names_used(module: ast.Module) -> set[str]:
    """Names that a module reads, calls or imports."""
    found = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    return found | {alias.name for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names}


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function below its signature and its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_only_dynamics_and_the_solver_of_numerics_integrate():
    integrates = re.compile(r"\b(diffeqsolve|solve_ivp|odeint|(scipy_)?solve_(at|to|until))\(")
    paths = {path.relative_to(SOURCE) for path in SOURCE.rglob("*.py") if integrates.search(path.read_text())}
    assert {path for path in paths if "dynamics" not in path.parts and path.parts[0] != "numerics"} == set()


def test_models_and_predictions_see_no_run():
    seen = {path for path, module in modules("model", "predictions") if "Trajectory" in names_used(module)}
    assert seen == set()


def test_models_and_observables_know_no_theorem():
    seen = {path for path, module in modules("model", "observables", "predictions") if "Theorem" in names_used(module)}
    assert seen == set()


def test_theorems_have_no_loops_and_short_functions():
    for path, module in modules("theorems"):
        if Path(path).name.startswith("_"):
            continue
        functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
        long = [node.name for node in functions if body_lines(node) > LONGEST_BODY]
        loops = [node.lineno for node in ast.walk(module) if isinstance(node, (ast.For, ast.While))]
        assert (long, loops) == ([], []), path


def test_every_room_says_what_it_is():
    for init in SOURCE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(init.read_text())), init


def test_no_folder_is_too_full_to_survey():
    files = Counter(path.parent.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))
    listed = {path for path in files if path.name in ("bounds", "figures") or "theorems" in path.parts}
    assert {str(path): count for path, count in files.items() if path not in listed and count > MOST_FILES} == {}
