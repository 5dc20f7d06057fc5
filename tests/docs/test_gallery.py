"""The gallery: scripts that stand on their own, and runs that are kept as long as nothing has changed."""

import ast

import pytest
from docs.site import gallery_pages
from docs.site.gallery_pages import GROUPS, SCRIPTS, Example, example_page, examples, run_example

SCRIPT = '''"""A title

Some text.
"""

from pathlib import Path

print("ran")
Path("tried.svg").write_text("<svg/>")
assert {holds}
'''


@pytest.fixture
def tried(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery_pages, "SCRIPTS", tmp_path)
    return lambda holds: (tmp_path / "tried.py").write_text(SCRIPT.format(holds=holds))


def test_every_script_has_a_title_a_text_a_figure_and_assertions():
    assert {example.name for example in examples()} == {path.stem for path in SCRIPTS.glob("*.py")}
    for example in examples():
        assert example.title
        assert len(example.text) > 80
        assert f'Path("{example.name}.svg")' in example.code
        assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(example.code)))


def test_there_are_examples_of_every_theory():
    assert {name for name in GROUPS for example in examples() if example.name.startswith(name)} == set(GROUPS)


def test_a_run_is_kept_until_its_script_changes(tried, tmp_path):
    tried("1 < 2")
    assert run_example("tried", tmp_path / "kept") == "ran\n"
    (tmp_path / "kept" / "printed.txt").write_text("kept\n")
    assert run_example("tried", tmp_path / "kept") == "kept\n"
    tried("1 < 3")
    assert run_example("tried", tmp_path / "kept") == "ran\n"


def test_a_script_whose_assertion_fails_ends_the_build(tried, tmp_path):
    tried("1 > 2")
    with pytest.raises(RuntimeError, match=r"tried\.py failed(.|\n)*AssertionError"):
        run_example("tried", tmp_path / "kept")


def test_a_page_has_text_figure_output_and_code(tried, tmp_path):
    tried("1 < 2")
    page = example_page(Example.read(tmp_path / "tried.py"), "ran\n")
    assert page.startswith("# A title\n\nSome text.")
    assert page.index("![A title](tried.svg)") < page.index("```text\nran\n```") < page.index("assert 1 < 2")
