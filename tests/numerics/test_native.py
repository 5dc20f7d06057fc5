"""Compiled loops: with and without a folder in which their code is kept, and what they may use."""

import ast
from pathlib import Path

import pytest

import fathometer
from fathometer.numerics import native

FILES = [file for file in Path(fathometer.__file__).parent.rglob("*.py") if "@native\n" in file.read_text()]


def test_where_no_folder_may_be_written_to_code_is_compiled_all_the_same(monkeypatch):
    caching = pytest.importorskip("numba.core.caching")
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    @native
    def twice(number):
        return 2 * number

    assert twice(21) == 42


def foreign(text):
    """Names in bodies of native functions that come from other files of the package."""
    tree = ast.parse(text)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {alias.asname or alias.name for node in imports if "fathometer" in str(node.module) for alias in node.names}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    bodies = [node.body for node in functions if any(ast.unparse(mark) == "native" for mark in node.decorator_list)]
    return {node.id for body in bodies for part in body for node in ast.walk(part) if isinstance(node, ast.Name)} & ours


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_native_functions_use_nothing_of_other_files_whose_changes_kept_code_would_miss(file):
    assert foreign(file.read_text()) == set()


def test_what_is_of_another_file_is_found():
    text = "from fathometer.a import A, b as B\nC = 1\n@native\ndef f(x):\n    return A + B + C + x\n"
    assert foreign(text) == {"A", "B"}
