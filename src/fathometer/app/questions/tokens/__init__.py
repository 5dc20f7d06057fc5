"""What the view tokens asks: clouds, points of a file, and collapses with what is predicted and what is certain."""

from fathometer.app.questions._question import Question
from fathometer.app.questions.tokens._answers import collapse_with_clouds
from fathometer.app.questions.tokens._clouds import LARGEST_D, LARGEST_N, MASSES, cloud, read_points
from fathometer.study import Choice, Numbers, Real, Whole

MOST_FOLLOWED = 200
"""Tokens that are followed to their last merger while someone waits."""

_SEED = Whole(0, 2**31 - 1, 0)
_MASSES = Choice(MASSES, "equal")
_D = Whole(2, LARGEST_D, 3)
_CLOUD = {"n": 7, "d": 3, "seed": 8, "masses": "equal"}
FIRST = {**_CLOUD, "beta": 9, "model": "sa"}
"""What the page follows first."""

QUESTIONS: tuple[Question, ...] = (
    Question(
        "tokens.cloud",
        cloud,
        {"n": Whole(2, LARGEST_N, 7), "d": _D, "seed": _SEED, "masses": _MASSES},
        recorded=(_CLOUD,),
    ),
    Question("tokens.read_points", read_points, {}, files=(".npy", ".csv")),
    Question(
        "tokens.collapse",
        collapse_with_clouds,
        {
            "n": Whole(2, MOST_FOLLOWED, 7),
            "d": _D,
            "seed": _SEED,
            "masses": _MASSES,
            "beta": Real(0.0, 1e4, 9.0),
            "model": Choice(("sa", "usa"), "sa"),
            "points": Numbers(MOST_FOLLOWED, ndim=2),
        },
        recorded=(FIRST,),
    ),
)
