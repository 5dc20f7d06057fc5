"""What a study judges: theorems by their ids, and columns against numbers or against other columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fathometer.evidence import AtLeast, AtMost, Estimate, InputError, Prediction, Verdict, Within, judge, text_near
from fathometer.study._computation import Column, Scalar
from fathometer.study.spec._grid import is_number
from fathometer.study.spec._tables import only_keys, table_at, texts_of

COMPARISONS = ("at_most", "at_least", "equals")


@dataclass(frozen=True)
class JudgedColumn:
    """A column that is held against a number, or against another column.

    Attributes:
        column: what is measured.
        comparison: at_most, at_least or equals.
        bound: a number, or the name of a column.
        within: by how much it may differ where it is to be equal.
    """

    column: str
    comparison: str
    bound: float | str
    within: float = 0.0

    @property
    def name(self) -> str:
        """What stands in the place of a theorem's id."""
        bound = self.bound if isinstance(self.bound, str) else text_near(self.bound, 12)
        within = f" within {self.within:.12g}" if self.within else ""
        return f"{self.column} {self.comparison.replace('_', ' ')} {bound}{within}"

    def verdict(self, values: Mapping[str, Scalar]) -> Verdict:
        """Judge the values of one cell; what is not there is undecided."""
        bound = _number(values.get(self.bound)) if isinstance(self.bound, str) else self.bound
        return judge(self._prediction(bound), Estimate.exact(_number(values.get(self.column))), self.name)

    def _prediction(self, bound: float) -> Prediction:
        if self.comparison == "equals":
            return Within(bound - self.within, bound + self.within)
        return AtMost(bound) if self.comparison == "at_most" else AtLeast(bound)

    def to_json(self) -> dict[str, Any]:
        """As a specification has it."""
        within = {"within": self.within} if self.within else {}
        return {"column": self.column, self.comparison: self.bound} | within


@dataclass(frozen=True)
class Judging:
    """What counts.

    Attributes:
        theorems: ids of those whose verdicts count; None for all that the computation gives.
        columns: that are judged.
    """

    theorems: tuple[str, ...] | None = None
    columns: tuple[JudgedColumn, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a specification has it; empty if nothing was said."""
        theorems = {} if self.theorems is None else {"theorems": list(self.theorems)}
        return theorems | ({"columns": [one.to_json() for one in self.columns]} if self.columns else {})


def read_judging(document: Mapping[str, Any], columns: Mapping[str, Column]) -> Judging:
    """Read the table [judge].

    Args:
        document: the specification.
        columns: of the computation.

    Raises:
        InputError: if a key or a column is unknown, or a bound is none.
    """
    table = table_at(document, "judge", ("theorems", "columns"))
    theorems = texts_of("[judge] theorems", table["theorems"]) if "theorems" in table else None
    judged = table.get("columns", [])
    if not isinstance(judged, list | tuple) or not all(isinstance(one, Mapping) for one in judged):
        raise InputError(f"[[judge.columns]] must be tables with the key 'column', got {judged!r}")
    read = tuple(_judged_column(one, columns) for one in judged)
    if len({one.name for one in read}) < len(read):
        raise InputError("[[judge.columns]] has one comparison twice")
    return Judging(theorems, read)


def _judged_column(given: Mapping[str, Any], columns: Mapping[str, Column]) -> JudgedColumn:
    only_keys("[[judge.columns]]", given, ("column", *COMPARISONS, "within"))
    used = [key for key in COMPARISONS if key in given]
    if "column" not in given or len(used) != 1:
        raise InputError("[[judge.columns]] must have the key 'column' and one of at_most, at_least, equals")
    column = _column("[[judge.columns]] column", given["column"], columns)
    bound, within = given[used[0]], given.get("within", 0.0)
    if isinstance(bound, str):
        bound = _column(f"[[judge.columns]] {used[0]}", bound, columns)
    elif isinstance(bound, bool) or is_number(bound):
        bound = float(bound)
    else:
        raise InputError(f"[[judge.columns]] {used[0]} must be a number or a column, got {bound!r}")
    if not is_number(within) or within < 0 or (within and used[0] != "equals"):
        raise InputError(f"[[judge.columns]] within must be a number from 0, beside equals, got {within!r}")
    return JudgedColumn(column, used[0], bound, float(within))


def _column(where: str, name: Any, columns: Mapping[str, Column]) -> str:
    numbers = [key for key, column in columns.items() if column.kind is not str]
    if name not in numbers:
        raise InputError(f"{where} must be one of {', '.join(numbers) or 'none'}, got {name!r}")
    return name


def _number(value: Scalar) -> float:
    return float("nan") if value is None or isinstance(value, str) else float(value)
