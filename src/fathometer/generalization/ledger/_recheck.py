"""Rechecks: a saved certificate held against the data, number by number."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Answer, AtMost, Check, Estimate, InputError, Record, Verdict, judge
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.ledger._copies import Copies, Grouped, grouped_rows
from fathometer.generalization.ledger._ledger import Ledger, LedgerRow

RELATIVE, ABSOLUTE = 1e-11, 1e-15
"""Two numbers closer than this are the same: both evaluators give so many digits."""

SAME_FORMULA = 4e-15
"""Largest relative distance of a value from what its own inputs give by the first evaluator, whatever the processor."""

RESIDUE = 1e-17
"""A term of a bound that is smaller may be what rounding left of 0."""

LONGEST = 300
"""Characters of a value in a message."""

SEED_UNSEEN = "whether the seed was chosen for its result"


@dataclass(frozen=True, eq=False)
class Recheck(Record):
    """What came of a recheck.

    Attributes:
        verdict: VIOLATED if something differs, naming it; UNDECIDED if the model itself could not be asked; else HOLDS.
        differences: one sentence for each number that differs; empty if none does.
        recomputed: value of each bound by its id; empty if the data or the weights differ already.
        unseen: what no recheck of this kind can see, one phrase each.
    """

    verdict: Verdict
    differences: tuple[str, ...]
    recomputed: Mapping[str, float]
    unseen: tuple[str, ...] = ()


def regrouped(copies: Copies, x: NDArray, codes: NDArray, groups: ArrayLike | None, minimum: int) -> Grouped:
    """Find the groups again; that copies were allowed is a choice, which the file tells.

    Args:
        copies: what the certificate says of copies and groups.
        x: shape (n, p), features as they were given.
        codes: shape (n,), number of each row's class.
        groups: shape (n,), group of each row; None if there is none.
        minimum: groups that are needed.

    Raises:
        InputError: if the certificate was made with groups that are not given, or there are too few of them.
    """
    if copies.given and groups is None:
        raise InputError("the certificate was made with groups of rows: name their column (--group, groups=)")
    return grouped_rows(x, codes, minimum, groups, copies.allowed)


def unseen(copies: Copies, *more: str, seed_given: bool = True) -> tuple[str, ...]:
    """What a recheck cannot see.

    Args:
        copies: what the certificate says of them.
        *more: what else.
        seed_given: whether somebody chose the seed; else it follows from the data.
    """
    marked = ("whether the copies that were allowed were drawn independently",) if copies.allowed else ()
    return *((SEED_UNSEEN,) if seed_given else ()), *marked, *more


def inconsistent_rows(ledger: Ledger) -> list[str]:
    """Values that are not what the catalogue gives for the inputs beside them, to the last digits, and their terms."""
    differing = []
    for row in ledger.rows:
        evaluated = evaluate_bound(row.bound, **row.inputs)
        if not _same_value(row.value, evaluated.value):
            differing.append(f"ledger.rows.{row.bound}.value is {row.value}, but its inputs give {evaluated.value}")
        differing += _inconsistent_terms(row, evaluated.terms)
    return differing


def _inconsistent_terms(row: LedgerRow, terms: Mapping[str, float]) -> list[str]:
    """Terms that are near to what the inputs give only because both are small."""
    return [
        f"ledger.rows.{row.bound}.terms.{name} is {row.terms.get(name)}, but its inputs give {again}"
        for name, again in terms.items()
        if not math.isclose(row.terms.get(name, math.nan), again, rel_tol=RELATIVE, abs_tol=RESIDUE)
    ]


def _same_value(stored: float | None, again: float | None) -> bool:
    if stored is None or again is None:
        return stored is again
    return math.isclose(stored, again, rel_tol=SAME_FORMULA)


def outside_account(ledger: Ledger) -> list[str]:
    """A total that is no probability."""
    if 0 < ledger.delta_total < 1:
        return []
    return [f"ledger.delta_total is {ledger.delta_total:g}, not in (0, 1)"]


def overspent(ledger: Ledger) -> list[str]:
    """Rows that spend more than the total."""
    if sum(Fraction(row.delta_spent) for row in ledger.rows) <= Fraction(ledger.delta_total):
        return []
    return [f"the rows spend more than delta_total = {ledger.delta_total:g}"]


def differences(path: str, stored: Any, again: Any) -> list[str]:
    """Walk two JSON values side by side and name the leaves that differ.

    Args:
        path: where they stand, for the message.
        stored: as the file has it.
        again: as it was computed again.
    """
    if isinstance(stored, Mapping) and isinstance(again, Mapping):
        names = dict.fromkeys((*again, *stored))
        parts = [differences(f"{path}.{name}".lstrip("."), stored.get(name), again.get(name)) for name in names]
        return [difference for part in parts for difference in part]
    if isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        parts = [differences(f"{path}[{k}]", *pair) for k, pair in enumerate(zip(stored, again, strict=True))]
        return [difference for part in parts for difference in part]
    return [] if _same(stored, again) else [f"{path} is {_short(stored)}, recomputed {_short(again)}"]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _same(stored: Any, again: Any) -> bool:
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in (stored, again)):
        return stored == again
    return math.isclose(stored, again, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def conclude(
    differences: list[str],
    rows: Sequence[LedgerRow] = (),
    untouched: bool = True,
    unseen: tuple[str, ...] = (),
    undecided: str = "",
) -> Recheck:
    """The verdict on "nothing differs"; a file that was touched differs too.

    Args:
        differences: what differs.
        rows: as they were evaluated again.
        untouched: whether the digest of the file fits.
        unseen: what nobody could check.
        undecided: why nothing more can be said although nothing differs; empty if there is no such reason.
    """
    if not (untouched or differences):
        differences = ["the content of the file does not have the digest that it was saved with"]
    recomputed = {name: value for name, value in named_values(rows).items() if value is not None}
    unasked = bool(undecided) and not differences
    checks = (Check("the model gives the answers that are stored", Answer.UNDECIDABLE, None, undecided),) * unasked
    verdict = judge(AtMost(0), Estimate.exact(len(differences)), "recheck", checks)
    sentence = _first_of(differences) if differences else _agreement(len(rows), unseen, undecided)
    return Recheck(replace(verdict, explanation=sentence), tuple(differences), recomputed, unseen)


def _first_of(differences: list[str]) -> str:
    return differences[0] + (f" (and {len(differences) - 1} more)" if len(differences) > 1 else "")


def _agreement(rows: int, unseen: tuple[str, ...], undecided: str) -> str:
    sentence = f"{rows} bounds evaluated again from the data agree with the certificate to {RELATIVE:g}"
    sentence += f"; not seen: {'; '.join(unseen)}" if unseen else ""
    return f"{undecided}: {sentence}" if undecided else sentence


def named_values(rows: Sequence[LedgerRow]) -> dict[str, float | None]:
    """Values by bound, and by certified object too where several rows have the same bound."""
    bounds = [row.bound for row in rows]
    return {row.bound if bounds.count(row.bound) == 1 else f"{row.bound}, {row.certifies}": row.value for row in rows}
