"""Signatures as they are written: `Float[Array, "n d"]` and `NDArray[np.float64]`, not what these are made of."""

import ast
import enum
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_origin

from docs.site.public_names import public_names


def signature_of(thing: Any) -> tuple[str, str] | None:
    """Parameters in brackets, and what is returned; None where the source does not say."""
    if isinstance(thing, type):
        return _class_signature(thing)
    thing = getattr(thing, "__func__", thing)
    node = _definition(inspect.unwrap(thing) if callable(thing) else thing)
    return _function_signature(node) if isinstance(node, ast.FunctionDef) else None


def _class_signature(thing: type) -> tuple[str, str] | None:
    if issubclass(thing, enum.Enum) or getattr(thing, "_is_protocol", False):
        return "", ""
    written = thing.__dict__.get("__init__")
    node = _definition(inspect.unwrap(written)) if callable(written) else None
    if isinstance(node, ast.FunctionDef):
        return _function_signature(node)[0], ""
    fields = {name: text for base in reversed(thing.__mro__) for name, text in _fields(base)}
    try:
        names = list(inspect.signature(thing).parameters)
    except (TypeError, ValueError):
        return None
    return (f"({', '.join(fields[name] for name in names)})", "") if set(names) <= set(fields) else None


def _function_signature(node: ast.FunctionDef) -> tuple[str, str]:
    arguments = node.args
    if arguments.args and arguments.args[0].arg in ("self", "cls"):
        arguments.args = arguments.args[1:]
    return f"({ast.unparse(arguments)})", ast.unparse(node.returns) if node.returns else ""


def _fields(thing: type) -> Iterator[tuple[str, str]]:
    node = _definition(thing)
    for field in node.body if isinstance(node, ast.ClassDef) else ():
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            default = f" = {_default(field.value)}" if field.value else ""
            yield field.target.id, f"{field.target.id}: {ast.unparse(field.annotation)}{default}"


def _default(value: ast.expr) -> str:
    """The default of a field, which `field(...)` gives directly or makes anew."""
    for keyword in value.keywords if isinstance(value, ast.Call) and ast.unparse(value.func) == "field" else ():
        if keyword.arg in ("default", "default_factory"):
            return ast.unparse(keyword.value) + "()" * (keyword.arg == "default_factory")
    return ast.unparse(value)


def _definition(thing: Any) -> ast.stmt | None:
    """A fresh tree of the definition, so that nobody changes that of another, with public names in full."""
    source = _source(thing) if callable(thing) else None
    body = ast.parse(source).body if source else []
    return _in_full(body[0], thing.__module__) if body else None


def _in_full(definition: ast.stmt, module: str) -> ast.stmt:
    """The same with public names in full wherever a type stands."""
    names = _InFull(module)
    for node in ast.walk(definition):
        for place in ("annotation", "returns"):
            if written := getattr(node, place, None):
                setattr(node, place, names.visit(written))
    return definition


class _InFull(ast.NodeTransformer):
    """Writes classes of the library with their public path, by which two of one name are told apart."""

    def __init__(self, module: str) -> None:
        self.known = vars(sys.modules[module])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._in_full(node.id, node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self._in_full(node.value, node) if isinstance(node.value, str) else node

    def _in_full(self, name: str, node: ast.expr) -> ast.expr:
        named = self.known.get(name)
        if get_origin(named) is Literal:
            return ast.parse(repr(named).removeprefix("typing."), mode="eval").body
        path = _paths().get(f"{named.__module__}.{named.__qualname__}") if isinstance(named, type) else None
        return ast.Name(path) if path else node


@functools.cache
def _paths() -> dict[str, str]:
    return {f"{name.module}.{name.name}": name.path for name in public_names() if name.kind == "class"}


@functools.cache
def _source(thing: Callable[..., Any]) -> str | None:
    if not getattr(thing, "__module__", "").startswith("fathometer"):
        return None
    try:
        return textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        return None
