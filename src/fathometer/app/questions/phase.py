"""What the view phase asks."""

from fathometer.app.questions._question import Question

QUESTIONS: tuple[Question, ...] = ()
