"""What is fixed before the rows are looked at: the parts, the loss, and who gets which share of delta."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.data import Split, split_groups
from fathometer.evidence import InputError, Record, finite_number, whole_number
from fathometer.generalization.ledger._copies import require_apart

PARTS = ("training", "held_out", "test")
"""The first part trains, the second certifies, the third only measures."""

WHOLE = ("training",)
"""Parts that hold all rows of a group; the others hold one."""

FITTED, READY = (0.6, 0.2, 0.2), (0.1, 0.8, 0.1)
"""Shares of the parts, for a predictor that is fitted here and for one that comes ready."""

FAVOURITE = 0.97
"""Prior weight of the candidate that cross-validation prefers; the others share the rest."""

CHIEF = Fraction(9, 10)
"""Share of delta of the row that certifies the deployed predictor, where there are others."""


OPTION = {"cost": "--costs", "groups": "--sensitive", "moment": "--moment"}
"""What rows on request need, by their names."""


@dataclass(frozen=True, eq=False)
class Loss(Record):
    """A loss in [0, 1].

    Attributes:
        name: `0/1`, or for regression `absolute`, `squared` or `quantile`.
        clip: positive: a regression loss is cut off there and divided by it; 1 for the 0/1 loss.
        level: in (0, 1), of the quantile loss.

    Raises:
        InputError: if the name is unknown, a number is not in its range, or it does not belong to the loss.
    """

    name: str = "0/1"
    clip: float = 1.0
    level: float = 0.5

    def __post_init__(self) -> None:
        if self.name not in ("0/1", "absolute", "squared", "quantile"):
            raise InputError(f"loss must be 0/1, absolute, squared or quantile, got {self.name!r}")
        finite_number("clip", self.clip, above=0)
        finite_number("level", self.level, above=0, below=1)
        if self.of_classes and self.clip != 1:
            raise InputError(f"the 0/1 loss is not cut off, got clip {self.clip:g}")
        if self.name != "quantile" and self.level != Loss.level:
            raise InputError(f"level belongs to the quantile loss, got {self.level:g} for {self.name}")

    @property
    def of_classes(self) -> bool:
        """Whether it counts wrong classes."""
        return self.name == "0/1"

    @property
    def risk(self) -> str:
        """Its mean, in words."""
        if self.of_classes:
            return "0/1 risk"
        return f"mean {self.spoken} loss, cut off at {self.clip:g} and divided by it,"

    @property
    def spoken(self) -> str:
        """Its name in words, with the level of a quantile."""
        return f"{self.level:g}-quantile" if self.name == "quantile" else self.name

    def of(self, predicted: NDArray, truth: NDArray) -> Float[np.ndarray, " n"]:
        """The loss on each row.

        Args:
            predicted: shape (n,), numbers of classes, or real numbers.
            truth: shape (n,), likewise.
        """
        if self.of_classes:
            return (predicted != truth).astype(np.float64)
        return np.minimum(self.raw(predicted, truth) / self.clip, 1.0)

    def raw(self, predicted: NDArray, truth: NDArray) -> Float[np.ndarray, " n"]:
        """The loss of regression on each row in its own unit, not cut off.

        Args:
            predicted: shape (n,), real numbers.
            truth: shape (n,), likewise.
        """
        miss = np.asarray(truth, np.float64) - predicted
        return {
            "absolute": np.abs(miss),
            "squared": miss**2,
            "quantile": np.maximum(self.level * miss, (self.level - 1) * miss),
        }[self.name]


@dataclass(frozen=True, eq=False)
class Plan(Record):
    """What was fixed before the rows were looked at.

    Attributes:
        model: name of what was asked for: a model of ours, module:factory, or a file.
        parts: shares of training, held-out and test part, positive, adding up to 1; empty for those of the project.
        stratified: whether held-out and test part hold the same share of every class.
        seed: of the split and of the training; None for the one that follows from the data.
        test_rows: so many rows at the end are the test part, by the source of the data; 0 draws one.
        delta: total failure probability, in (0, 1).
        rows: names of the rows of the ledger that were asked for; empty for those that apply.
        shares: of delta, one for each of `rows`; empty for the shares of the project.
        loss: what a risk is the mean of.
        costs: of predicting the column's class for a row of the row's class, a square of numbers of at least 0; empty
            unless their row is asked for.
        sensitive: name of the column whose groups are told apart; empty unless their row is asked for.
        moment: bound on the mean of the squared loss of regression; None unless its row is asked for.

    Raises:
        InputError: if a number is not in its range, shares do not fit, or something is given that no row needs.
    """

    model: str = "predictor"
    parts: tuple[float, ...] = ()
    stratified: bool = False
    seed: int | None = None
    test_rows: int = 0
    delta: float = 0.05
    rows: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    loss: Loss = Loss()
    costs: tuple[tuple[float, ...], ...] = ()
    sensitive: str = ""
    moment: float | None = None

    def __post_init__(self) -> None:
        if self.seed is not None:
            whole_number("seed", self.seed, at_least=0)
        finite_number("delta", self.delta, above=0, below=1)
        if self.parts:
            self._check_parts()
        if self.stratified and not self.loss.of_classes:
            raise InputError("only classes can be stratified; the loss is one of regression")
        self._check_shares()
        self._check_requests()

    def _check_requests(self) -> None:
        given = {"cost": self.costs, "groups": self.sensitive, "moment": self.moment is not None}
        for name, value in given.items():
            if value and name not in self.rows:
                raise InputError(f"{OPTION[name]} belongs to the row {name}: ask for it (--rows held_out,{name})")
        if self.moment is not None:
            finite_number("moment", self.moment, above=0)
        if self.costs:
            require_costs(self.costs)

    def _check_parts(self) -> None:
        if len(self.parts) != len(PARTS):
            raise InputError(f"parts must be three shares, of training, certificate and test, got {len(self.parts)}")
        for part in self.parts:
            finite_number("each of parts", part, above=0, below=1)
        if not np.isclose(sum(self.parts), 1, rtol=0, atol=1e-12):
            raise InputError(f"parts must add up to 1, got {sum(self.parts):g}")

    def _check_shares(self) -> None:
        for share in self.shares:
            finite_number("each of shares", share, above=0, at_most=1)
        if self.shares and not self.rows:
            raise InputError("shares need rows: name those that they are for (--rows)")
        if self.shares and len(self.shares) != len(self.rows):
            raise InputError(f"shares must be one for each of {len(self.rows)} rows, got {len(self.shares)}")
        if sum(map(Fraction, self.shares)) > 1 + Fraction(1, 10**9):
            raise InputError(f"shares must add up to at most 1, got {sum(self.shares):g}")
        if repeated := [name for name in self.rows if self.rows.count(name) > 1]:
            raise InputError(f"row {repeated[0]!r} is asked for twice")


def require_costs(costs: tuple[tuple[float, ...], ...]) -> None:
    """Hold costs of confusions against what they must be.

    Raises:
        InputError: if they are no square of finite numbers of at least 0, or all are 0.
    """
    for row in costs:
        for cost in row:
            finite_number("each of costs", cost, at_least=0)
        if len(row) != len(costs):
            raise InputError(f"costs must be a square, got a row of {len(row)} among {len(costs)}")
    if not any(map(any, costs)):
        raise InputError("costs must not all be 0")


def drawn_parts(plan: Plan, groups: NDArray[np.int64], codes: NDArray, seen: NDArray[np.int64] | None = None) -> Split:
    """Draw the parts of a plan; no group has rows in two of them.

    Args:
        plan: with shares, seed, and the size of a test part that the source gives.
        groups: shape (n,), number of the group of each row, from 0 on.
        codes: shape (n,), number of each row's class, by which to stratify.
        seen: rows that a fitted predictor has seen, which are then the training part with all of their groups; None if
            the training part is drawn.

    Raises:
        InputError: if a part would be empty, the given test part shares a group with other rows, rows are to be
            stratified although some were seen, or `seen` holds something else than numbers of rows.
    """
    n, given = len(groups), plan.test_rows
    _require_rows(seen, n)
    if seen is not None and not np.size(seen):
        seen = None
    if seen is not None and plan.stratified:
        raise InputError("rows cannot be stratified around those that a predictor has seen")
    if given:
        require_apart(groups, given)
    taken = np.zeros(n, bool) if seen is None else np.isin(groups, groups[seen])
    free = np.flatnonzero(~taken[: n - given])
    _, numbers = np.unique(groups[free], return_inverse=True)
    stratify = codes[free] if plan.stratified else None
    shares = drawn_shares(plan, seen is not None)
    drawn = split_groups(numbers.reshape(-1), shares, plan.seed or 0, WHOLE, stratify=stratify)
    parts = {name: free[rows] for name, rows in drawn.parts.items()}
    if seen is not None:
        parts["training"] = np.flatnonzero(taken)
    if given:
        parts["test"] = n - given + np.sort(np.unique(groups[n - given :], return_index=True)[1])
    return Split(n, {name: parts[name] for name in PARTS if name in parts}, plan.seed)


def _require_rows(seen: NDArray[np.int64] | None, n: int) -> None:
    if seen is None or not np.size(seen):
        return
    if np.ndim(seen) != 1 or np.min(seen) < 0 or np.max(seen) >= n:
        raise InputError(f"rows that a predictor has seen must be a list of numbers from 0 to {n - 1}")


def drawn_shares(plan: Plan, seen: bool = False) -> dict[str, float]:
    """Shares of the parts that are drawn, among the rows that they are drawn from.

    Args:
        plan: with the shares, and whether the source gives a test part.
        seen: whether the training part is known, as the rows that a predictor has seen.
    """
    known = {"training": seen, "test": bool(plan.test_rows)}
    shares = {name: share for name, share in zip(PARTS, plan.parts, strict=True) if not known.get(name)}
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def prior_weights(count: int) -> tuple[float, ...]:
    """Prior weights of the candidates, the favourite first; they add up to at most 1."""
    if count == 1:
        return (1.0,)
    return (FAVOURITE, *((1 - FAVOURITE) / (count - 1) * (1 - 1e-15),) * (count - 1))
