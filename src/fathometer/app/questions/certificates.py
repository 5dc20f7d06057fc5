"""What the view certificates asks."""

from fathometer.app.questions._question import Question

QUESTIONS: tuple[Question, ...] = ()
