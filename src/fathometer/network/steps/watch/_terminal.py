"""A training in one line of the terminal."""

import math
import sys
from collections import deque
from collections.abc import Iterable
from typing import TextIO

from fathometer.evidence import text_ends, text_up

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Iterable[float], low: float | None = None, high: float | None = None) -> str:
    """Numbers as a row of bars; a space for what is not finite.

    Args:
        values: any number of them.
        low: where the lowest bar is; the least value if None.
        high: where the highest bar is; the largest value if None.
    """
    row = list(values)
    finite = [value for value in row if math.isfinite(value)]
    if not finite:
        return " " * len(row)
    bottom, top = min(finite) if low is None else low, max(finite) if high is None else high
    width = top - bottom if top > bottom else 1.0
    places = (len(BARS) * (value - bottom) / width if math.isfinite(value) else math.nan for value in row)
    return "".join(" " if math.isnan(p) else BARS[min(max(int(p), 0), len(BARS) - 1)] for p in places)


class Terminal:
    """A sink that draws the ratio to the edge, or the largest eigenvalue, as a sparkline on one line.

    On a terminal the line is rewritten at every look; elsewhere each look has a line of its own. The highest bar of the
    ratio is at the edge or above it.

    Args:
        stream: where to write; standard error if None.
        width: number of looks that are shown.
    """

    def __init__(self, stream: TextIO | None = None, width: int = 40) -> None:
        self._stream, self._seen, self._open = stream, deque[tuple[float, float]](maxlen=width), False

    def __call__(self, values: dict[str, float], step: int) -> None:
        """Draw one look more."""
        stream = self._stream or sys.stderr
        ratio = values.get("edge_ratio", math.nan)
        self._seen.append((ratio, values.get("largest_eigenvalue", math.nan)))
        self._open = live = stream.isatty()
        stream.write(f"\r\x1b[K{self.line(values, step)}" if live else f"{self.line(values, step)}\n")
        stream.flush()

    def close(self) -> None:
        """End the line, so that what is printed next does not write over it."""
        if self._open:
            (self._stream or sys.stderr).write("\n")
        self._open = False

    def line(self, values: dict[str, float], step: int) -> str:
        """The line, without the control characters around it."""
        ratios, largest = zip(*self._seen, strict=True)
        known = [ratio for ratio in ratios if math.isfinite(ratio)]
        drawn = sparkline(ratios, 0.0, max(1.0, *known)) if known else sparkline(largest)
        parts = [f"step {step}", f"loss {_text(values, 'loss')}", f"largest {_text(values, 'largest_eigenvalue')}"]
        if "edge_ratio" in values:
            parts.append(f"{_text(values, 'edge_ratio')} of the edge {_ends(values, 'edge_ratio')}".rstrip())
        if "unseen_risk" in values:
            parts.append(f"risk at most {text_up(values['unseen_risk_upper'], 4)}")
        return f"{drawn}  {'  '.join(parts)}"


def _text(values: dict[str, float], name: str) -> str:
    return f"{values[name]:.4g}" if name in values else "-"


def _ends(values: dict[str, float], name: str) -> str:
    lower, upper = (values.get(f"{name}_{end}") for end in ("lower", "upper"))
    return "" if lower is None or upper is None else text_ends(lower, upper, 3)
