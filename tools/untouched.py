"""List the public functions that no test of `make test` or `make test-torch` calls, by the lines that coverage saw.

Run `make untouched`; it fails if there is one. Commands are called by name in `tests/cli/test_every_command.py`, often
in a process of their own, which coverage does not see.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType

from coverage import CoverageData

import fathometer

TRAINS = "trains for seconds: make test-all"
ELSEWHERE = {
    "fathometer.tour.run_tour": "takes a minute: make test-all, and make tour",
    "fathometer.network.demo": TRAINS,
    "fathometer.network.demo_network": TRAINS,
    "fathometer.network.inspect_demo": TRAINS,
    "fathometer.network.steps.edge_demonstration": TRAINS,
}
"""Functions that `make test` leaves out, with the reason."""


def packages() -> list[ModuleType]:
    """Every package, whose `__init__` says what is public."""
    inner = (info.name for info in pkgutil.walk_packages(fathometer.__path__, "fathometer.") if info.ispkg)
    inner = (name for name in inner if not name.startswith("fathometer.cli"))
    return [fathometer, *map(importlib.import_module, inner)]


def public_functions() -> dict[str, FunctionType]:
    """Public functions, and public methods of public classes, by name; each once."""
    found: dict[str, FunctionType] = {}
    for package in packages():
        for name, value in vars(package).items():
            if name.startswith("_") or inspect.ismodule(value):
                continue
            for path, function in _functions(f"{package.__name__}.{name}", value):
                if function.__module__.startswith("fathometer") and function not in found.values():
                    found[path] = function
    return found


def _functions(path: str, value: object) -> Iterator[tuple[str, FunctionType]]:
    if getattr(value, "_is_protocol", False):
        return  # its methods say what others do
    if inspect.isclass(value) and value.__module__.startswith("fathometer"):
        for name, member in vars(value).items():
            if not name.startswith("_"):
                inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
                yield from _functions(f"{path}.{name}", inner)
    elif callable(value) and isinstance(plain := inspect.unwrap(value), FunctionType):
        yield path, plain


def body_lines(function: FunctionType) -> set[int]:
    """Lines of a function that run when it is called, not when it is defined."""
    code = function.__code__
    return {line for _, _, line in code.co_lines() if line is not None and line > code.co_firstlineno}


def main() -> int:
    """Print the untouched functions and return 1 if there are any."""
    data = CoverageData()
    data.read()
    functions = public_functions()
    untouched = [
        path
        for path, function in functions.items()
        if path not in ELSEWHERE and body_lines(function).isdisjoint(data.lines(function.__code__.co_filename) or ())
    ]
    sys.stdout.write("".join(f"{path}\n" for path in untouched))
    sys.stdout.write(f"{len(functions) - len(untouched)} of {len(functions)} public functions are called\n")
    return 1 if untouched else 0


if __name__ == "__main__":
    sys.exit(main())
