"""What the view layers asks: hidden states of a network beside the fitted model and a control."""

from fathometer.app.questions._question import Question
from fathometer.app.questions.layers._observe import observe
from fathometer.app.questions.layers._read import read

QUESTIONS: tuple[Question, ...] = (
    Question("layers.observe", observe, recorded=({},)),
    Question("layers.read", read, files=(".npz",)),
)
