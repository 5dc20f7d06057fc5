import numpy as np
import pytest

from fathometer.app.questions import Answer, Question, question
from fathometer.evidence import InputError
from fathometer.study import Choice, Numbers, Real, Switch, Whole

ALL = {
    "beta": Real(0, 1e4, 9),
    "n": Whole(2, 1000, 6),
    "model": Choice(("sa", "usa"), "sa"),
    "causal": Switch(),
    "points": Numbers(3, ndim=2),
}
ASKED = Question("test.all", lambda **values: iter([Answer(values)]), ALL, files=(".npy",))


def test_what_is_left_out_has_its_default():
    assert next(ASKED.answers({})).document == {"beta": 9, "n": 6, "model": "sa", "causal": False, "points": None}


def test_values_are_read():
    given = next(ASKED.answers({"n": 7.0, "beta": 0, "points": [[1, 0], [0, 1]]})).document
    assert given["n"] == 7
    assert isinstance(given["n"], int)
    np.testing.assert_array_equal(given["points"], np.eye(2))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"gamma": 1}, "no parameter is called 'gamma'; known: beta, n, model, causal, points"),
        ({"beta": "9"}, "beta must be a number from 0 to 10000, got '9'"),
        ({"beta": float("nan")}, "beta must be a number from 0 to 10000, got nan"),
        ({"beta": True}, "beta must be a number from 0 to 10000, got True"),
        ({"n": 2.5}, "n must be a whole number from 2 to 1000, got 2.5"),
        ({"n": float("inf")}, "n must be a whole number from 2 to 1000, got inf"),
        ({"n": 1}, "n must be a number from 2 to 1000, got 1"),
        ({"model": "gpt"}, "model must be one of sa, usa, got 'gpt'"),
        ({"model": ["sa"]}, "model must be one of sa, usa, got ['sa']"),
        ({"causal": 1}, "causal must be true or false, got 1"),
        ({"points": [[0, 1]] * 4}, "points must be a list of at most 3 rows"),
        ([], "the parameters must be an object"),
    ],
)
def test_what_is_not_allowed_is_one_line(given, line):
    with pytest.raises(InputError) as refused:
        ASKED.answers(given)
    assert str(refused.value) == line


@pytest.mark.parametrize("points", [[[1, "a"]], [[1, None]], [[1, 2], [3]], [1, 2], [[1e999, 0]]])
def test_rows_of_anything_else_are_refused(points):
    with pytest.raises(InputError):
        ASKED.answers({"points": points})


@pytest.mark.parametrize("name", ["", "tokens", "tokens.", "os.system", "__init__.x", None, 3])
def test_no_other_question_is_answered(name):
    with pytest.raises(InputError, match="no question is called"):
        question(name)


def test_every_question_is_named_after_its_view_and_its_recorded_parameters_are_allowed():
    from fathometer.app.questions import VIEWS, view_questions
    from fathometer.study import read_parameters

    for view in VIEWS:
        for asked in view_questions(view):
            assert asked.name.startswith(f"{view}.")
            assert question(asked.name) is asked
            for given in asked.recorded:
                read_parameters(asked.parameters, given)
