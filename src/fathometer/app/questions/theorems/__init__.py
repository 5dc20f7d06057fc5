"""What the view theorems asks: the list, the cases of one theorem, its hypotheses, and how one of them breaks."""

from collections.abc import Iterator

from fathometer.app.questions._parameters import Whole, Word
from fathometer.app.questions._question import Answer, Question

FIRST = "hemisphere_rate"
RECORDED = (
    FIRST,
    "hemisphere_cone",
    "hemisphere_collapse",
    "equiangular_bound",
    "clustering_circle_small_beta",
    "staircase_times",
    "sharpness_lower_bound",
    "minimal_sharpness_exact",
    "imbalance_increment",
    "descent_stability",
    "maurer_seeger",
    "occam",
    "risk_transport",
)
"""Theorems whose cases and hypotheses an exported page has."""

_MOST = 30


def _listed() -> Iterator[Answer]:
    from fathometer.app.questions.theorems._list import listed
    from fathometer.catalogue import theorems

    yield Answer(listed(theorems()))


def _tested(id: str) -> Iterator[Answer]:
    from fathometer.app.questions.theorems._cases import case_documents
    from fathometer.catalogue import theorem

    yield Answer({"id": id, "cases": case_documents(theorem(id))})


def _measured(id: str) -> Iterator[Answer]:
    from fathometer.app.questions.theorems._broken import hypotheses_measured
    from fathometer.catalogue import theorem

    yield Answer({"id": id} | hypotheses_measured(theorem(id)))


def _broken(id: str, hypothesis: int) -> Iterator[Answer]:
    from fathometer.app.questions.theorems._broken import stops
    from fathometer.catalogue import theorem

    for document in stops(theorem(id), hypothesis):
        yield Answer({"id": id, "hypothesis": hypothesis} | document)


QUESTIONS: tuple[Question, ...] = (
    Question("theorems.list", _listed, recorded=({},)),
    Question("theorems.test", _tested, {"id": Word(FIRST)}, recorded=tuple({"id": name} for name in RECORDED)),
    Question("theorems.hypotheses", _measured, {"id": Word(FIRST)}, recorded=tuple({"id": name} for name in RECORDED)),
    Question(
        "theorems.break",
        _broken,
        {"id": Word(FIRST), "hypothesis": Whole(0, _MOST, 0)},
        recorded=tuple({"id": name, "hypothesis": 0} for name in RECORDED),
    ),
)
