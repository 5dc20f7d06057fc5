"""The list of publications: each once, with the theorems that are from it."""

from collections import defaultdict

from docs.site.markup import escaped

from fathometer.catalogue import theorems
from fathometer.evidence import Reference, Theorem

_ARXIV = "https://arxiv.org/abs/"


def citations_page() -> str:
    """Every publication that a theorem names, by first author and year."""
    used: dict[Reference, list[Theorem]] = defaultdict(list)
    for theorem in theorems():
        used[theorem.source.reference].append(theorem)
    ordered = sorted(used, key=_heading)
    intro = (
        "# Publications\n\n"
        f"The {len(ordered)} publications that the theorems are from, by first author."
        " `fathometer theorems cite ID` prints the BibTeX entry of a theorem's source.\n\n"
    )
    return intro + "\n".join(_entry(reference, used[reference]) for reference in ordered)


def _entry(reference: Reference, of_it: list[Theorem]) -> str:
    theorems_of_it = ", ".join(f"[`{theorem.id}`](theorems/{theorem.id}.md)" for theorem in of_it)
    return (
        f"({reference.key})=\n## {escaped(_heading(reference))}\n\n{escaped(_full_names(reference))}:"
        f" *{escaped(reference.title)}*. {_place(reference)}\n\n"
        f"{len(of_it)} theorem{'s' * (len(of_it) > 1)}: {theorems_of_it}\n"
    )


def _heading(reference: Reference) -> str:
    families = [author.partition(",")[0] for author in reference.authors.split(" and ")]
    short = " and ".join(families) if len(families) < 3 else f"{families[0]} et al."
    return f"{short} ({reference.year})"


def _full_names(reference: Reference) -> str:
    names = [" ".join(reversed(author.split(", "))) for author in reference.authors.split(" and ")]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _place(reference: Reference) -> str:
    """Where it was published, and a link to a free copy."""
    number = reference.identifier
    copy = f"[arXiv {number}]({_ARXIV}{number})" if number else ""
    venue = f"{escaped(reference.venue)}, {reference.year}."
    return f"{copy}, {reference.year}." if number and reference.venue == "arXiv" else f"{venue} {copy}".strip()
