"""What the view edge asks."""

from fathometer.app.questions._question import Question

QUESTIONS: tuple[Question, ...] = ()
