"""Descent with a constant step: its history as it is measured, then its class and what is proved about its rest."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fathometer.app.questions._question import Answer
from fathometer.app.questions.edge._history import answer_of, joined, pieces
from fathometer.app.questions.edge._network import Run, read_run

if TYPE_CHECKING:
    from fathometer.deep_linear import RunHistory
    from fathometer.evidence import Trajectory

_UNPROVED = "certificates are for plain descent, not for momentum"


def descend(file: Path | None = None, **asked: Any) -> Iterator[Answer]:
    """Train as `deep-linear train` does.

    Yields:
        Pieces of the history with the share that is done; at last the class, and from which step on the rest is proved.
    """
    from fathometer import deep_linear as dl

    asking = read_run(asked, file)
    run = dl.watched_descent(
        asking.problem,
        asking.start,
        asking.step,
        asking.steps,
        momentum=asking.momentum,
        looks=asking.looks,
        say=lambda _: None,
    )
    diverged, histories = float(run.event("diverged").value), []
    for piece in pieces(run):
        histories.append(_measured(piece, asking))
        done = float(piece.axis.points[-1]) / asking.steps
        yield answer_of(histories[-1], min(done, 1.0), limit=asking.limit)
    whole = joined(histories)
    yield Answer(_ending(whole) | {"diverged_at": diverged if math.isfinite(diverged) else None})
    yield Answer({"class": _class(run, asking, whole)})
    yield Answer({"certified": _certified(run, asking)})


def _measured(piece: "Trajectory", asking: Run) -> "RunHistory":
    from fathometer import deep_linear as dl

    return dl.run_history(piece, asking.limit, asking.step if _still(asking) else None)


def _still(asking: Run) -> bool:
    return asking.momentum is None or asking.momentum.beta == 0


def _ending(history: "RunHistory") -> dict[str, Any]:
    """Numbers of the last look, in full precision; None where the run has diverged."""
    last = {
        "loss": history.loss[-1],
        "sharpness": history.sharpness.value[-1],  # type: ignore[index]
        "imbalance": history.imbalance[-1],
    }
    return {"end": {name: float(value) if math.isfinite(value) else None for name, value in last.items()}}


def _class(run: "Trajectory", asking: Run, history: "RunHistory") -> dict[str, Any]:
    from fathometer import deep_linear as dl

    return dl.classified_run(run, asking.step, asking.momentum, history).to_json()


def _certified(run: "Trajectory", asking: Run) -> dict[str, Any]:
    """From which step on the rest is proved, or why from none."""
    from fathometer import deep_linear as dl

    if not _still(asking):
        return {"at": None, "reason": _UNPROVED}
    found = dl.certified_descent(run, asking.step)
    if found.at is None:
        return {"at": None, "reason": found.reason}
    ends = {"lower": float(found.sharpness.lower), "upper": float(found.sharpness.upper)}
    return {"at": int(found.at), "rate": found.rate, "sharpness": ends, "reason": ""}
