"""Check that public functions say what their arguments are: `python tools/docstrings.py [PACKAGE...]`.

Every public function or method with three or more parameters has an `Args:` section that names each of them. Public is
what has no leading underscore, at the top of a module or in a public class, whatever the module is called. Constructors
are documented by their class, commands by the help of their options.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / "src" / "fathometer"
FEWEST = 3
"""Parameters from which on a section is needed; `self` and `cls` are not counted."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def offenders(path: Path) -> Iterator[str]:
    """Say what the docstrings of a file lack.

    Yields:
        A line for each public function that does not describe its parameters.
    """
    for name, function, is_method in public_functions(ast.parse(path.read_text("utf-8"))):
        names = parameters(function, is_method)
        missing = [parameter for parameter in names if parameter not in described(ast.get_docstring(function) or "")]
        if len(names) >= FEWEST and missing:
            yield f"{path}:{function.lineno}: {name} does not describe {', '.join(missing)} under Args:"


def public_functions(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, Function, bool]]:
    """Walk through public functions, and through the methods of public classes.

    Yields:
        The name, the definition, and whether it is a method.
    """
    for node in tree.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield from public_functions(node, f"{within}{node.name}.")
        elif "overload" not in map(_name, node.decorator_list) and not is_command(node):
            yield f"{within}{node.name}", node, bool(within)


def is_command(function: Function) -> bool:
    """Whether a function is a command: it has the option --json."""
    return any(argument.annotation and ast.unparse(argument.annotation) == "AsJson" for argument in function.args.args)


def parameters(function: Function, is_method: bool) -> list[str]:
    """Names of the parameters without `self` or `cls`."""
    given = function.args
    bound = is_method and "staticmethod" not in map(_name, function.decorator_list)
    positional = [*given.posonlyargs, *given.args][int(bound) :]
    variable = [argument for argument in (given.vararg, given.kwarg) if argument is not None]
    return [argument.arg for argument in (*positional, *given.kwonlyargs, *variable)]


def described(docstring: str) -> set[str]:
    """Names with an entry in the section `Args:` of a docstring."""
    _, _, rest = f"\n{docstring}\n".partition("\nArgs:\n")
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    entries = re.findall(r"^ {4}([*\w, ]+?)(?: \([^)]*\))?:", section, re.MULTILINE)
    return {name.strip(" *") for entry in entries for name in entry.split(",")}


def _name(decorator: ast.expr) -> str:
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2]


def main(packages: Sequence[str] = ()) -> int:
    """Print the offenders in packages, or in all of them, and return whether there are any."""
    places = [ROOT / name for name in packages] or [ROOT]
    files = sorted(path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place]))
    lines = [line for path in files for line in offenders(path)]
    print("".join(f"{line}\n" for line in lines), end="")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
