"""What the view tokens asks."""

from fathometer.app.questions._question import Question

QUESTIONS: tuple[Question, ...] = ()
