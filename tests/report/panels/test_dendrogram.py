import pytest

from fathometer.evidence import InputError
from fathometer.report import Dendrogram


def test_a_tree_has_its_leaves_and_no_crossing_lines():
    tree = Dendrogram("merge tree", "log10 of the time", [[0, 2], [3, 1]], [0.5, 2.0], ("a", "b", "c"))
    assert tree._order() == [0, 2, 1]
    drawn = tree.svg()
    assert all(f"<!-- {text} -->" in drawn for text in ("merge tree", "log10 of the time", "a", "b", "c"))


def test_two_trees_where_not_all_have_merged():
    assert Dendrogram("two", "t", [[0, 1]], [1.0], ("a", "b", "c"))._order() == [2, 0, 1]


@pytest.mark.parametrize("joins", [[[0, 3]], [[0, 0]], [[0, 1], [1, 2]]])
def test_what_is_not_there_or_joined_already_is_refused(joins):
    with pytest.raises(InputError, match="must each join two that are there and not yet joined"):
        Dendrogram("bad", "t", joins, range(len(joins)), ("a", "b", "c"))
