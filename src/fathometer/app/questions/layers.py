"""What the view layers asks."""

from fathometer.app.questions._question import Question

QUESTIONS: tuple[Question, ...] = ()
