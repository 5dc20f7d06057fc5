"""Many verdicts in few lines."""

import math
from collections.abc import Iterable

from fathometer.evidence import Verdict

CountedVerdict = tuple[int, str, Verdict]
"""How many verdicts a line stands for, the case that it shows, and its verdict."""


def tightest(verdicts: Iterable[tuple[str, Verdict]]) -> list[CountedVerdict]:
    """Keep, for each theorem and status, the verdict with the smallest margin, and how many there were."""
    groups: dict[tuple[str, str], list[tuple[str, Verdict]]] = {}
    for case, verdict in verdicts:
        groups.setdefault((verdict.theorem, verdict.status), []).append((case, verdict))
    return [(len(group), *min(group, key=_margin)) for group in groups.values()]


def _margin(pair: tuple[str, Verdict]) -> float:
    margin = pair[1].margin
    return math.inf if margin is None else margin
