"""What viewers ask, one file a view. Each file has its questions in `QUESTIONS`."""

from importlib import import_module

from fathometer.app.questions._question import Answer as Answer, Question as Question
from fathometer.app.questions._settings import Brought as Brought, bring as bring
from fathometer.evidence import InputError

VIEWS = ("tokens", "phase", "layers", "edge", "certificates", "theorems")


def view_questions(view: str) -> tuple[Question, ...]:
    """Return the questions of one view, one of `VIEWS`."""
    return import_module(f"{__name__}.{view}").QUESTIONS


def question(name: str) -> Question:
    """Return the question of that name.

    Raises:
        InputError: if there is none.
    """
    view = str(name).partition(".")[0]
    for candidate in view_questions(view) if view in VIEWS else ():
        if candidate.name == name:
            return candidate
    raise InputError(f"no question is called {name!r}")
