"""`fathometer theorems`: the catalogue."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed

if TYPE_CHECKING:
    from fathometer.evidence import Source

app = typer.Typer(help="List, show and cite the theorems.", rich_markup_mode=None)
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As `theorems list` shows it.")]


@app.command("list")
def list_(as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """List every theorem with its theory, source and statement."""
    from fathometer.catalog import theorems
    from fathometer.cli._finish import finish
    from fathometer.report import print_rows

    entries = [
        {
            "id": theorem.id,
            "theory": theorem.theory,
            "title": theorem.title,
            "source": _citation(theorem.source),
            "statement": theorem.statement,
        }
        for theorem in theorems()
    ]
    rows = [(entry["id"], entry["theory"], entry["title"], entry["source"]) for entry in entries]
    return finish(
        "theorems",
        {"theorems": entries},
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("id", "theory", "title", "source"), rows, console),
    )


@app.command("show")
def show(identifier: Identifier, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Show one theorem: statement, hypotheses and source."""
    from fathometer.catalog import theorem
    from fathometer.cli._finish import finish
    from fathometer.report import print_rows

    found = theorem(identifier)
    rows = [
        ("title", found.title),
        ("statement", found.statement),
        *(("hypothesis", hypothesis.name) for hypothesis in found.hypotheses),
        ("source", _citation(found.source)),
        ("remark", found.source.remark),
    ]
    return finish(
        identifier,
        found.to_json(),
        as_json=as_json,
        out=out,
        show=lambda console: print_rows((found.id, found.theory), rows, console),
    )


@app.command("cite")
def cite(identifier: Identifier, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Print the BibTeX entry of a theorem's source."""
    from fathometer.catalog import theorem
    from fathometer.cli._finish import finish

    bibtex = theorem(identifier).source.reference.bibtex()
    return finish(
        f"{identifier}-citation",
        {"id": identifier, "bibtex": bibtex},
        as_json=as_json,
        out=out,
        show=lambda _: sys.stdout.write(f"{bibtex}\n"),
    )


def _citation(source: "Source") -> str:
    return f"{source.reference.authors} ({source.reference.year}), {source.statement}"
