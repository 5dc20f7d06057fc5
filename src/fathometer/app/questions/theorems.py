"""What the view theorems asks."""

from fathometer.app.questions._question import Question

QUESTIONS: tuple[Question, ...] = ()
