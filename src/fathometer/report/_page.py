"""One self-contained HTML page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jinja2

from fathometer.evidence import Provenance, Status, Verdict, text_inward
from fathometer.report._files import write_json, write_text
from fathometer.report._tables import TextTable
from fathometer.report._tightest import CountedVerdict, tightest


class Drawn(Protocol):
    """A chart with its caption."""

    @property
    def caption(self) -> str:
        """One or two sentences below it."""
        ...

    def svg(self) -> str:
        """Draw it as an SVG element."""
        ...


@dataclass(frozen=True)
class Section:
    """One part of a report.

    Attributes:
        title: heading.
        lead: paragraphs of plain text.
        charts: shown in order.
        verdicts: each with the case that it was reached on.
        header: column names of a table; empty for none.
        rows: its cells.
        tables: further ones, below it.
        folded: whether verdicts are only in the list that unfolds, because a table says what they come to.
        answer: one sentence above all, for a reader who reads no more; not there if empty.
    """

    title: str
    lead: tuple[str, ...]
    charts: tuple[Drawn, ...]
    verdicts: tuple[tuple[str, Verdict], ...]
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    tables: tuple[TextTable, ...] = ()
    folded: bool = False
    answer: str = ""

    def singly(self) -> list[CountedVerdict]:
        """All verdicts, counted one by one."""
        return [(1, case, verdict) for case, verdict in self.verdicts]

    def worst(self) -> list[CountedVerdict]:
        """For each theorem and status, how often it came out and the case with the smallest margin."""
        return tightest(self.verdicts)

    def to_json(self) -> dict[str, Any]:
        """Return title, answer and verdicts as JSON values."""
        return {
            "title": self.title,
            **({"answer": self.answer} if self.answer else {}),
            "verdicts": [{"case": case} | verdict.to_json() for case, verdict in self.verdicts],
        }


@dataclass(frozen=True)
class Report:
    """Sections under one title, with what it takes to get them again."""

    title: str
    sections: tuple[Section, ...]
    provenance: Provenance

    @property
    def verdicts(self) -> tuple[tuple[str, Verdict], ...]:
        """All verdicts in order, each with its case."""
        return tuple(pair for section in self.sections for pair in section.verdicts)

    @property
    def judged(self) -> tuple[tuple[str, Verdict], ...]:
        """Those that a command answers for: of the sections whose verdicts are not folded."""
        return tuple(pair for section in self.sections if not section.folded for pair in section.verdicts)

    def counts(self) -> Mapping[str, int]:
        """How many verdicts have each status."""
        return {str(status): sum(v.status is status for _, v in self.verdicts) for status in Status}

    def html(self) -> str:
        """Render the page: one file, no script, no network."""
        loader = jinja2.PackageLoader("fathometer.report", "templates")
        environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
        environment.filters["margin"] = lambda margin: text_inward(margin, 3)
        return environment.get_template("report.html").render(report=self, counts=self.counts())

    def to_json(self) -> dict[str, Any]:
        """Return everything that was judged as JSON values."""
        return {
            "title": self.title,
            "counts": dict(self.counts()),
            "sections": [section.to_json() for section in self.sections],
            "provenance": self.provenance.to_json(),
        }

    def write(self, folder: str | Path) -> Path:
        """Write `verdicts.json` and then `index.html`, each in one step, and return the path of the page."""
        page, folder = self.html(), Path(folder)
        write_json(folder / "verdicts.json", self.to_json())
        write_text(folder / "index.html", page)
        return folder / "index.html"
