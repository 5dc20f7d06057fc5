"""What the view edge asks: a training by descent, its flows, what theory says of it, and a training of the user's."""

from typing import Any

from fathometer.app.questions._question import Question
from fathometer.app.questions.edge._descend import descend
from fathometer.app.questions.edge._flows import central_flow, flow
from fathometer.app.questions.edge._law import law
from fathometer.app.questions.edge._network import FILES, NETWORK, RUN
from fathometer.app.questions.edge._watch import watch

FIRST_NETWORK: dict[str, Any] = {
    "depth": 5,
    "width": 3,
    "scale": 0.5,
    "residual": False,
    "seed": 0,
    "data": "overdetermined",
    "target": 0,
    "standardize": True,
}
FIRST_RUN = FIRST_NETWORK | {"step": 0.19, "steps": 400, "momentum": "none", "beta": 0.5}
"""What the view begins with: a run whose sharpness rises to its edge and stays there."""

QUESTIONS: tuple[Question, ...] = (
    Question("edge.law", law, NETWORK, FILES, (FIRST_NETWORK,)),
    Question("edge.descend", descend, RUN, FILES, (FIRST_RUN,)),
    Question("edge.flow", flow, RUN, FILES, (FIRST_RUN,)),
    Question("edge.central_flow", central_flow, RUN, FILES, (FIRST_RUN,)),
    Question("edge.watch", watch, files=(".json", ".parquet")),
)
