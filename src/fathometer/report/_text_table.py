"""Tables of texts on a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextTable:
    """A table of texts.

    Attributes:
        title: heading.
        header: names of the columns.
        rows: cells, as many in each as there are columns.
        lead: a sentence above it; empty for none.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lead: str = ""
