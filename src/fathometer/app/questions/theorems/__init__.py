"""What the view theorems asks: the list, the cases of one theorem, its hypotheses, and how one of them breaks."""

from collections.abc import Iterator

from fathometer.app.questions._question import Answer, Question
from fathometer.study import Whole, Word

FIRST = "hemisphere_rate"
RECORDED: dict[str, int | None] = {
    FIRST: 0,
    "hemisphere_cone": 0,
    "hemisphere_collapse": 0,
    "equiangular_bound": 4,
    "clustering_circle_small_beta": 3,
    "staircase_times": 1,
    "sharpness_lower_bound": 0,
    "minimal_sharpness_exact": None,
    "imbalance_increment": 0,
    "descent_stability": 0,
    "maurer_seeger": 1,
    "occam": 1,
    "risk_transport": 3,
}
"""Theorems whose cases and hypotheses an exported page has, with the hypothesis that can be broken there."""

_MOST = 30


def _listed() -> Iterator[Answer]:
    from fathometer.app.questions.theorems._list import listed
    from fathometer.catalogue import theorems

    yield Answer(listed(theorems()))


def _tested(theorem: str) -> Iterator[Answer]:
    from fathometer import catalogue
    from fathometer.app.questions.theorems._cases import case_documents

    yield Answer({"id": theorem, "cases": case_documents(catalogue.theorem(theorem))})


def _measured(theorem: str) -> Iterator[Answer]:
    from fathometer import catalogue
    from fathometer.app.questions.theorems._broken import hypotheses_measured

    yield Answer({"id": theorem} | hypotheses_measured(catalogue.theorem(theorem)))


def _broken(theorem: str, hypothesis: int) -> Iterator[Answer]:
    from fathometer import catalogue
    from fathometer.app.questions.theorems._broken import stops

    for document in stops(catalogue.theorem(theorem), hypothesis):
        yield Answer({"id": theorem, "hypothesis": hypothesis} | document)


QUESTIONS: tuple[Question, ...] = (
    Question("theorems.list", _listed, recorded=({},)),
    Question(
        "theorems.test", _tested, {"theorem": Word(FIRST)}, recorded=tuple({"theorem": name} for name in RECORDED)
    ),
    Question(
        "theorems.hypotheses",
        _measured,
        {"theorem": Word(FIRST)},
        recorded=tuple({"theorem": name} for name in RECORDED),
    ),
    Question(
        "theorems.break",
        _broken,
        {"theorem": Word(FIRST), "hypothesis": Whole(0, _MOST, 0)},
        recorded=tuple({"theorem": name, "hypothesis": k} for name, k in RECORDED.items() if k is not None),
    ),
)
