"""A published experiment from start to end, on a set of data that needs no download: the ends of a game."""

from functools import cache

import pytest

from fathometer.computations import find
from fathometer.evidence import Status
from fathometer.study import read_parameters

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


def winner(board):
    """Who has three in a row, if anybody has."""
    return next((board[a] for a, b, c in LINES if board[a] != "b" and board[a] == board[b] == board[c]), None)


@cache
def ends(board="b" * 9, turn="x", after="o"):
    """Boards at which a game of tic-tac-toe can end: all rows of the set of that name."""
    if winner(board) or "b" not in board:
        return frozenset([board])
    free = [k for k in range(9) if board[k] == "b"]
    return frozenset().union(*(ends(board[:k] + turn + board[k + 1 :], after, turn) for k in free))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("sets")
    said = {True: "positive", False: "negative"}
    rows = [", ".join(board) + f", {said[winner(board) == 'x']}\n" for board in ends()]
    (here / "tic-tac-toe.dat").write_text("".join(rows))
    return here


def test_the_game_gives_the_published_set():
    assert len(ends()) == 958
    assert sum(winner(board) == "x" for board in ends()) == 626


def computed(folder, **given):
    computation = find("reproduce")
    return computation.compute(read_parameters(computation.parameters, {"folder": str(folder), **given}), 0)


@pytest.mark.slow
def test_published_risks_come_out_again(folder):
    found = computed(folder, as_published=True)
    assert (found.values["published_train_risk"], found.values["published_test_risk"]) == (0.3883, 0.2985)
    assert found.values["agrees"]
    assert (found.values["rows"], found.values["priors"]) == (479, 4)
    assert found.arrays["test_by_posterior"].shape == found.arrays["train_by_posterior"].shape
    assert found.values["certified_risk"] is None  # the published code breaks the theorems' assumptions


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["batch", "online"])
def test_as_the_theorems_ask_it_has_certificates_that_hold(folder, setting):
    found = computed(folder, setting=setting, steps=2000)
    assert found.values["test_risk"] < found.values["certified_risk"] < 1
    assert {verdict.status for verdict in found.verdicts} <= {Status.HOLDS, Status.VACUOUS}
    assert found.verdicts
