"""Sphinx extension: docstrings as they are written here, and annotations that lead to the public name of a class."""

from collections import Counter
from typing import Any

from docs.site.docstring_text import restructured_lines
from docs.site.public_names import public_names
from docs.site.signatures import signature_of
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.environment import BuildEnvironment

_BEFORE_NAPOLEON = 400
_WITH_SIGNATURES = ("class", "function", "method")
_WITH_TYPES = ("attribute", "data", "property")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("autodoc-process-docstring", _rewrite, priority=_BEFORE_NAPOLEON)
    app.connect("autodoc-process-signature", _written)
    app.connect("autodoc-skip-member", _skip)
    app.connect("doctree-read", _dashes)
    app.connect("missing-reference", _resolve)
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _rewrite(app: Sphinx, kind: str, name: str, what: object, options: object, lines: list[str]) -> None:
    first = ["\\ "] if kind in _WITH_TYPES else []  # or napoleon takes what stands before a colon there for a type
    lines[:] = first + restructured_lines(lines)


def _written(
    app: Sphinx, kind: str, name: str, what: object, options: object, arguments: str, returns: str
) -> tuple[str, str] | None:
    return signature_of(what) if kind in _WITH_SIGNATURES else None


def _skip(app: Sphinx, kind: str, name: str, what: object, skip: bool, options: object) -> bool | None:
    """Leave out the fields of a named tuple: they are in its signature, and have no text of their own."""
    return True if (getattr(what, "__doc__", None) or "").startswith("Alias for field number") else None


def _dashes(app: Sphinx, doctree: nodes.document) -> None:
    """Between the name and the text of a parameter; elsewhere two hyphens are those of an option."""
    for text in list(doctree.findall(nodes.Text)):
        if text == " -- " and text.parent is not None:
            text.parent.replace(text, nodes.Text(" – "))


def _resolve(
    app: Sphinx, environment: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Lead from what an annotation calls a class to the page of its public name."""
    target = node.get("reftarget", "")
    public = _public().get(target)
    if node.get("refdomain") != "py" or public is None:
        return None
    domain = environment.domains.python_domain
    return domain.resolve_xref(environment, node["refdoc"], app.builder, "obj", public, node, content)


def _public() -> dict[str, str]:
    if not _PUBLIC:
        alone = Counter(name.name for name in public_names())
        _PUBLIC.update({f"{name.module}.{name.name}": name.path for name in public_names()})
        _PUBLIC.update({name.name: name.path for name in public_names() if alone[name.name] == 1})
    return _PUBLIC


_PUBLIC: dict[str, str] = {}
