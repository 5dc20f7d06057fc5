"""What was seen of a training, look by look."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fathometer.evidence import Estimate, InputError, Record
from fathometer.network.steps._edge_rules import Edge
from fathometer.report import parquet_bytes, write_bytes, write_json

_FORMAT, _VERSION = "fathometer watch", 1
_ENDS = ("value", "lower", "upper")


@dataclass(frozen=True, eq=False)
class Moment(Record):
    """One look at a training.

    Attributes:
        step: of the training, from 0; the look comes before its update.
        loss: on the watch's batch, in evaluation mode.
        largest: largest eigenvalue of the Hessian there, from a floor that is certain to a ceiling; of the
            preconditioned Hessian where `edge` says so. Unknown where the loss or the Hessian is not finite.
        edge: the step held against it; None where no step or rule is known.
        critical: smallest step along the next update that raises the loss; None where that update leads uphill.
        taken: the step that training takes, in the unit of `critical`.
        risk: of rows that were not trained on, in an interval that is valid at all looks together; None without them.
        products: Hessian-vector products that it took.
        passes: forward passes.
        seconds: how long it took.
        note: what could not be measured, and why; empty if all could.
    """

    step: int
    loss: Estimate
    largest: Estimate
    edge: Edge | None
    critical: Estimate | None
    taken: float | None
    risk: Estimate | None
    products: int
    passes: int
    seconds: float
    note: str = ""

    def values(self) -> dict[str, float]:
        """Numbers by name, as a sink receives them; what is unknown or infinite is left out."""
        named: dict[str, Estimate | None] = {
            "loss": self.loss,
            "largest_eigenvalue": self.largest,
            "edge_ratio": self.edge and self.edge.ratio,
            "critical_step": self.critical,
            "unseen_risk": self.risk,
        }
        numbers = {}
        for name, estimate in named.items():
            for end in _ENDS if estimate is not None else ():
                if (end == "value" or name != "loss") and math.isfinite(number := float(getattr(estimate, end))):
                    numbers[name if end == "value" else f"{name}_{end}"] = number
        return numbers


@dataclass
class History:
    """All looks at a training.

    Attributes:
        moments: in the order of the steps.
        steps: steps of the training that were seen.
        looks: looks that were made; one more than moments after a first pass that only took the time.
        skipped: looks that were due and would have cost more than the overhead allows.
        training: seconds of the training without its looks.
        spent: seconds in looks.
        settings: of the watch.
    """

    moments: list[Moment] = field(default_factory=list)
    steps: int = 0
    looks: int = 0
    skipped: int = 0
    training: float = 0.0
    spent: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> Estimate:
        """One quantity over all looks; unknown where it was not measured.

        Args:
            name: `loss`, `largest`, `critical`, `risk` or `ratio`, the last one that of the edge.

        Returns:
            Heuristic, because looks differ in what their intervals are worth; shape (looks,).
        """
        taken = [_of(moment, name) for moment in self.moments]
        value, lower, upper = ([np.nan if e is None else float(getattr(e, end)) for e in taken] for end in _ENDS)
        return Estimate.heuristic(value, lower, upper)

    def summary(self) -> str:
        """One sentence: how much was seen and what it cost."""
        due = len(self.moments) + self.skipped
        share = f"{self.spent / self.training:.1%}" if self.training > 0 else "-"
        return (
            f"{len(self.moments)} of {due} looks that were due were made, {self.skipped} skipped to stay within the"
            f" overhead; they took {self.spent:.3g} s beside {self.training:.3g} s of training ({share})"
        )

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        numbers = {name: getattr(self, name) for name in ("steps", "looks", "skipped", "training", "spent", "settings")}
        moments = [moment.to_json() for moment in self.moments]
        return {"format": _FORMAT, "version": _VERSION, **numbers, "moments": moments}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "History":
        """What `to_json` described.

        Raises:
            InputError: if it is not that.
        """
        if data.get("format") != _FORMAT or data.get("version") != _VERSION:
            raise InputError(f"a watch must have format {_FORMAT!r}, version {_VERSION}, got {data.get('format')!r}")
        try:
            named = {name: data[name] for name in ("steps", "looks", "skipped", "training", "spent", "settings")}
            return cls([Moment.from_json(moment) for moment in data["moments"]], **named)
        except (KeyError, TypeError) as error:
            raise InputError(f"the watch cannot be read: {error}") from error

    def save(self, path: str | Path) -> None:
        """Write it in one step: as JSON, or as a table of parquet with the same JSON in its metadata.

        Raises:
            InputError: if the name ends in neither .json nor .parquet.
        """
        path = Path(path)
        if _suffix(path) == ".json":
            write_json(path, self.to_json())
        else:
            write_bytes(path, self._parquet())

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """What `save` wrote.

        Raises:
            InputError: if the file is not there or is something else.
        """
        path = Path(path)
        suffix = _suffix(path)
        if not path.is_file():
            raise InputError(f"{path} is not there")
        try:
            found = json.loads(path.read_text() if suffix == ".json" else _metadata(path))
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path} holds no watch: {error}") from error
        if not isinstance(found, dict):
            raise InputError(f"{path} holds no watch: it is {type(found).__name__}")
        return cls.from_json(found)

    def _parquet(self) -> bytes:
        names = sorted({name for moment in self.moments for name in moment.values()})
        columns: dict[str, Sequence[Any]] = {"step": [moment.step for moment in self.moments]}
        columns |= {name: [moment.values().get(name) for moment in self.moments] for name in names}
        columns |= {
            name: [getattr(m, name) for m in self.moments] for name in ("products", "passes", "seconds", "note")
        }
        return parquet_bytes(columns, {_FORMAT: json.dumps(self.to_json(), allow_nan=False)})


def _of(moment: Moment, name: str) -> Estimate | None:
    if name == "ratio":
        return moment.edge and moment.edge.ratio
    if name not in ("loss", "largest", "critical", "risk"):
        raise InputError(f"a column must be loss, largest, critical, risk or ratio, got {name!r}")
    return getattr(moment, name)


def _suffix(path: Path) -> str:
    if path.suffix not in (".json", ".parquet"):
        raise InputError(f"a watch is kept in a file that ends in .json or .parquet, got {path.name!r}")
    return path.suffix


def _metadata(path: Path) -> str:
    import pyarrow.parquet as pq

    found = (pq.read_schema(path).metadata or {}).get(_FORMAT.encode())
    if found is None:
        raise InputError(f"{path} holds no watch: its metadata have none")
    return found.decode()
