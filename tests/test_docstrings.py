"""Public functions of many parameters say what each of them is."""

import pytest
from tools.docstrings import described, main, offenders

DOCUMENTED = '''
def public(first, *rest, key=None, **others):
    """Say so.

    Args:
        first, rest: two in one line.
        key (int): with a type: and a colon.
        **others: more,
            on two lines.

    Returns:
        nothing: at all.
    """


def few(a, b): ...


def _hidden(a, b, c): ...


class Shown:
    def __init__(self, a, b, c): ...

    @property
    def value(self): ...

    def two(self, a, b): ...

    @overload
    def typed(self, a, b, c): ...


class _Hidden:
    def method(self, a, b, c): ...
'''


def test_the_rule_holds_where_it_is_said_to(capsys):
    assert main() == 0, capsys.readouterr().out


def test_a_function_that_names_its_parameters_or_is_hidden_is_no_offender(tmp_path):
    path = tmp_path / "good.py"
    path.write_text(DOCUMENTED)
    assert list(offenders(path)) == []


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ("def f(a, b, c): ...", "f does not describe a, b, c"),
        ('def f(a, b, c):\n    """T.\n\n    Args:\n        a: x.\n        c: y.\n    """', "f does not describe b"),
        ("def f(a, b, *, c): ...", "f does not describe a, b, c"),
        ("def f(a, *b, **c): ...", "f does not describe a, b, c"),
        ("async def f(a, b, /, c): ...", "f does not describe a, b, c"),
        ("class C:\n    def f(self, a, b, c): ...", "C.f does not describe a, b, c"),
        ("class C:\n    @staticmethod\n    def f(a, b, c): ...", "C.f does not describe a, b, c"),
        ("class C:\n    class D:\n        @classmethod\n        def f(cls, a, b, c): ...", "C.D.f does not describe a"),
        (
            'def f(a, b, c):\n    """Text.\n\n    Args:\n        a: x.\n\n    Note:\n        b: c:\n    """',
            "describe b, c",
        ),
    ],
)
def test_an_undescribed_parameter_is_named(tmp_path, code, lacks):
    path = tmp_path / "bad.py"
    path.write_text(code)
    (line,) = offenders(path)
    assert line.startswith(f"{path}:")
    assert lacks in line


def test_a_section_ends_where_the_next_begins():
    assert described("Text.\n\nArgs:\n    a: x.\n    b: y.\n\nRaises:\n    c: z.") == {"a", "b"}


def test_offenders_are_printed_with_their_place(tmp_path, capsys):
    (tmp_path / "bad.py").write_text("\ndef f(a, b, c): ...")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"{tmp_path / 'bad.py'}:2: f does not describe a, b, c under Args:\n"
