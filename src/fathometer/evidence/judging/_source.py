"""Where statements come from."""

from dataclasses import dataclass

from fathometer.evidence.values._record import Record


@dataclass(frozen=True, eq=False)
class Reference(Record):
    """A publication.

    Attributes:
        key: citation key.
        authors: "Family, Given and Family, Given".
        title: as published.
        year: of the version that is cited.
        venue: journal, proceedings or "arXiv".
        identifier: arXiv number, or empty.
    """

    key: str
    authors: str
    title: str
    year: int
    venue: str
    identifier: str = ""

    def bibtex(self) -> str:
        """Return the BibTeX entry."""
        lines = {"author": self.authors, "title": self.title, "year": self.year, "howpublished": self.venue}
        if self.identifier:
            lines |= {"eprint": self.identifier, "archiveprefix": "arXiv"}
        body = "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items())
        return f"@misc{{{self.key},\n{body}}}"


@dataclass(frozen=True, eq=False)
class Source(Record):
    """Where a statement comes from.

    Attributes:
        reference: the publication.
        statement: its number or name there, such as "Theorem 1".
        remark: corrections, derivations and what could not be verified; empty if there is nothing to say.
    """

    reference: Reference
    statement: str
    remark: str = ""
