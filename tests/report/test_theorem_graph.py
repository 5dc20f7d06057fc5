from dataclasses import replace

import pytest

from fathometer.evidence import InputError
from fathometer.report import theorem_graph
from fathometer.report._theorem_graph import columns
from tests.evidence.examples import FALLS

USES = {"a": ("b",), "b": ("c", "d"), "c": (), "d": ("e",), "e": (), "alone": (), "f": ("a", "c")}


def test_every_name_stands_right_of_all_that_it_uses_and_the_unrelated_last():
    placed = columns(USES)
    column = {name: x for x, names in enumerate(placed) for name in names}
    assert sorted(column) == sorted(USES)
    assert all(column[used] < column[user] for user, all_used in USES.items() for used in all_used)
    assert placed[-1] == ["alone"]


def test_names_in_a_row_of_parallel_uses_do_not_cross():
    first, second = columns({f"u{i}": (f"v{-i % 7}",) for i in range(7)} | {f"v{i}": () for i in range(7)})
    assert [f"v{-int(name[1:]) % 7}" for name in second] == first


def test_a_circle_of_uses_is_refused_by_name():
    with pytest.raises(InputError, match="theorems use each other in a circle: a -> b -> a"):
        columns({"a": ("b",), "b": ("a",)})


def test_the_drawings_name_every_theorem_and_every_use():
    theorems = [
        replace(FALLS, id=name, theory="attention" if name < "d" else "deep_linear", uses=USES[name]) for name in USES
    ]
    dot = theorem_graph(theorems, "dot").decode()
    assert all(f"  {used} -> {user};" in dot for user, all_used in USES.items() for used in all_used)
    svg = theorem_graph(theorems, "svg").decode()
    assert svg.startswith("<?xml")
    assert all(f"<!-- {name} -->" in svg for name in USES)
    with pytest.raises(InputError, match="format must be one of svg, dot, got 'png'"):
        theorem_graph(theorems, "png")
