"""The catalogue as a page shows it, with the place of each theorem in the graph of what rests on what."""

from collections.abc import Mapping, Sequence
from typing import Any

from fathometer.evidence import Theorem
from fathometer.report._theorem_graph import columns

_ALONE = 3  # columns for theorems without any relation


def listed(theorems: Sequence[Theorem]) -> dict[str, Any]:
    """Return all theorems with their citations and their places.

    Args:
        theorems: all of them.
    """
    places = placed(theorems)
    return {
        "theorems": [_entry(theorem, *places[theorem.id]) for theorem in theorems],
        "references": {
            theorem.source.reference.key: {
                "cited": _cited(theorem),
                "bibtex": theorem.source.reference.bibtex(),
            }
            for theorem in theorems
        },
    }


def _entry(theorem: Theorem, column: int, row: float) -> dict[str, Any]:
    return {
        "id": theorem.id,
        "theory": theorem.theory,
        "title": theorem.title,
        "statement": theorem.statement,
        "about": theorem.about.__name__,
        "hypotheses": [hypothesis.name for hypothesis in theorem.hypotheses],
        "reference": theorem.source.reference.key,
        "source": theorem.source.statement,
        "remark": theorem.source.remark,
        "printed": [{"statement": form.statement, "ends": str(form.ends)} for form in theorem.as_printed],
        "uses": list(theorem.uses),
        "cost": theorem.cost,
        "breakable": theorem.counterexample is not None,
        "column": column,
        "row": row,
    }


def _cited(theorem: Theorem) -> str:
    reference = theorem.source.reference
    number = f"arXiv:{reference.identifier}" if reference.identifier else ""
    parts = (f"{reference.authors} ({reference.year})", reference.title, reference.venue, number)
    return ". ".join(dict.fromkeys(part for part in parts if part))


def placed(theorems: Sequence[Theorem]) -> dict[str, tuple[int, float]]:
    """Column and row of each theorem: right of all that it uses; theories stand below each other.

    Args:
        theorems: all of them.
    """
    places: dict[str, tuple[int, float]] = {}
    top = 0.0
    for theory in dict.fromkeys(theorem.theory for theorem in theorems):
        uses = {theorem.id: theorem.uses for theorem in theorems if theorem.theory == theory}
        panel = _folded(columns(uses), uses)
        height = max(map(len, panel))
        places |= {
            name: (x, top + (y + 0.5) * height / len(column))
            for x, column in enumerate(panel)
            for y, name in enumerate(column)
        }
        top += height + 1.5
    return places


def _folded(panel: Sequence[Sequence[str]], uses: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The same columns; the last one, of theorems without any relation, in several."""
    used = {name for all_used in uses.values() for name in all_used}
    if any(uses[name] or name in used for name in panel[-1]):
        return [list(column) for column in panel]
    alone = panel[-1]
    return [*(list(column) for column in panel[:-1]), *(list(alone[k::_ALONE]) for k in range(_ALONE))]
