"""Outcomes as they travel: what was computed is packed by itself, so that its cell is known if it is unreadable."""

import pickle
from dataclasses import replace

from fathometer.study.engines._engine import Outcome
from fathometer.study.engines._one_cell import failed, one_line


def packed(outcome: Outcome) -> bytes:
    """The outcome, pickled; that it could not be if so."""
    try:
        computed = pickle.dumps(outcome.computed)
    except Exception as error:  # of foreign objects, which raise what they like
        outcome = _unsent(outcome, f"what was computed cannot be sent: {one_line(error)}")
        computed = pickle.dumps(None)
    return pickle.dumps((replace(outcome, computed=None), computed))


def unpacked(parcel: bytes) -> Outcome:
    """The outcome of a parcel; a failed one if what was computed cannot be read here."""
    outcome, computed = pickle.loads(parcel)
    try:
        return replace(outcome, computed=pickle.loads(computed))
    except Exception as error:  # a class that only the worker has, say
        return _unsent(outcome, f"what was computed cannot be read here: {one_line(error)}")


def _unsent(outcome: Outcome, why: str) -> Outcome:
    return failed(outcome.cell, why, seconds=outcome.seconds, where=outcome.machine)
