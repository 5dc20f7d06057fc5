"""The public names of the library, read from its source: what the `__init__.py` of a public package holds."""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"
MODULES = ("fathometer.catalogue",)
"""Public modules that are no packages."""
_UNLISTED = ("fathometer.cli", "fathometer.tour")
"""What a user starts instead of importing it."""


@dataclass(frozen=True)
class PublicName:
    """One name that users import.

    Attributes:
        package: where it is imported from, the shortest if there are several.
        name: of it.
        module: where it is defined.
        kind: class, function or data.
        summary: first paragraph of what is said about it.
        value: source text of data.
    """

    package: str
    name: str
    module: str
    kind: str
    summary: str
    value: str = ""

    @property
    def path(self) -> str:
        """What it is imported as."""
        return f"{self.package}.{self.name}"

    @property
    def room(self) -> str:
        """The part of its package that it is defined in; empty if that is the package itself."""
        inside = self.module.removeprefix(self.package).strip(".").split(".")
        return inside[0] if len(inside) > 1 else ""


@functools.cache
def public_names() -> tuple[PublicName, ...]:
    """Every public name, once: under the package with the shortest name that has it."""
    found: dict[tuple[str, str], PublicName] = {}
    for package in sorted(public_packages(), key=lambda name: (name.count("."), name)):
        for name, module, original in names_of(package):
            found.setdefault((module, original), _described(package, name, module, original))
    return tuple(found.values())


def public_packages() -> list[str]:
    """Packages whose names begin with no underscore, besides the root, which only repeats what others have."""
    paths = [path.parent for path in SOURCE.glob("fathometer/**/__init__.py")]
    dotted = [".".join(path.relative_to(SOURCE).parts) for path in paths]
    packages = [name for name in dotted if name != "fathometer" and "._" not in name and not name.startswith(_UNLISTED)]
    return [*packages, *MODULES]


def names_of(package: str) -> Iterator[tuple[str, str, str]]:
    """What a package makes public.

    Yields:
        The name, the module that defines it, and its name there.
    """
    for node in _tree(package).body:
        if isinstance(node, ast.ImportFrom) and package not in MODULES:
            for alias in node.names:
                if alias.asname == alias.name and not _is_module(f"{node.module}.{alias.name}"):
                    yield alias.name, *origin(str(node.module), alias.name)
        for name in defined(node):
            if not name.startswith("_"):
                yield name, package, name


def origin(module: str, name: str) -> tuple[str, str]:
    """The module that defines a name, following imports, and its name there."""
    for node in _tree(module).body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name and not _is_module(f"{node.module}.{alias.name}"):
                    return origin(str(node.module), alias.name)
    return module, name


def defined(node: ast.stmt) -> list[str]:
    """Names that a statement of a module defines."""
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def module_docstring(module: str) -> str:
    """First paragraph of the docstring of a module."""
    return _first(ast.get_docstring(_tree(module)))


def _described(package: str, name: str, module: str, original: str) -> PublicName:
    body = _tree(module).body
    place = next(place for place, node in enumerate(body) if original in defined(node))
    node = body[place]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        kind = "class" if isinstance(node, ast.ClassDef) else "function"
        return PublicName(package, name, module, kind, _first(ast.get_docstring(node)))
    value = ast.unparse(node.value) if isinstance(node, ast.Assign | ast.AnnAssign) and node.value else ""
    return PublicName(package, name, module, "data", _said_below(body[place + 1 :]) or _observed(node), value)


def _said_below(rest: list[ast.stmt]) -> str:
    match rest:
        case [ast.Expr(value=ast.Constant(value=str(text))), *_]:
            return _first(text)
    return ""


def _observed(node: ast.stmt) -> str:
    """The description that an observable, or another record made by a call, carries itself."""
    match node:
        case ast.Assign(
            value=ast.Call(args=[ast.Constant(), ast.Constant(value=str(unit)), ast.Constant(value=str(text)), *_])
        ):
            return f"{text[:1].upper()}{text[1:]}; unit {unit}." if text else ""
    return ""


def _first(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _is_module(dotted: str) -> bool:
    path = SOURCE / dotted.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


@functools.cache
def _tree(module: str) -> ast.Module:
    path = SOURCE / module.replace(".", "/")
    return ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8"))
