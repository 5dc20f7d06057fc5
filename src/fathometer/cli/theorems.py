"""`fathometer theorems`: the catalogue."""

import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._attended import INTERRUPTED
from fathometer.cli._options import FIGURES, AsJson, FigureOut, Out, Seed

if TYPE_CHECKING:
    from fathometer.evidence import Case, Source, Theorem

app = typer.Typer(help="List, show, test, draw and cite the theorems.", rich_markup_mode=None)
Identifier = Annotated[str, typer.Argument(metavar="ID", help="As `theorems list` shows it.")]
Identifiers = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As `theorems list` shows them.")]
Every = Annotated[bool, typer.Option("--all", help="Test every theorem; takes some minutes.")]
GraphForm = Annotated[str, typer.Option("--format", help="svg, or dot for Graphviz.", metavar="svg|dot")]


@app.command("list")
def list_(as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """List every theorem with its theory, source and statement."""
    from fathometer.catalogue import theorems
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
    rows = [(entry["id"], entry["theory"], entry["title"]) for entry in entries]
    return finish(
        "theorems",
        {"theorems": entries},
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("id", "theory", "title"), rows, console),
    )


@app.command("show")
def show(identifier: Identifier, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Show one theorem: statement, hypotheses, source, printed form, what it uses, and how to run it."""
    from fathometer.catalogue import theorem, theorems
    from fathometer.cli._finish import finish
    from fathometer.report import print_rows

    shown = theorem(identifier)
    used_by = tuple(other.id for other in theorems() if identifier in other.uses)
    rows = [
        ("title", shown.title),
        ("statement", shown.statement),
        ("about", shown.about.__name__),
        *(("hypothesis", hypothesis.name) for hypothesis in shown.hypotheses),
        ("source", _citation(shown.source)),
        ("remark", shown.source.remark),
        *(("as printed", f"{form.statement} ({form.ends} on its example)") for form in shown.as_printed),
        ("uses", ", ".join(shown.uses)),
        ("used by", ", ".join(used_by)),
        ("judged along", ", ".join(shown.along)),
        ("reads", ", ".join(shown.reads)),
        ("costs", shown.cost),
        ("run it", f"fathometer theorems test {shown.id}"),
        ("in Python", f"theorem({shown.id!r}).test(run), or judge_all(run, theorems()) for a run of your own"),
    ]
    return finish(
        identifier,
        shown.to_json() | {"used_by": list(used_by)},
        as_json=as_json,
        out=out,
        show=lambda console: print_rows((shown.id, shown.theory), [row for row in rows if row[1]], console),
    )


@app.command("test")
def run_cases(
    identifiers: Identifiers = None, every: Every = False, as_json: AsJson = False, seed: Seed = 0, out: Out = None
) -> int:
    """Run theorems through their cases: what HOLDS, what is beyond it, open error bars, a broken hypothesis.

    An interrupt ends it after the theorem at work, and what is finished is shown and, with --out, stored.
    """
    from fathometer.catalogue import theorem, theorems
    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    if every and identifiers:
        raise InputError(f"give ids or --all, not both, got --all and {identifiers[0]!r}")
    if not every and not identifiers:
        raise InputError("give the ids of theorems, or --all: `fathometer theorems list` shows them")
    chosen = theorems() if every else tuple(theorem(identifier) for identifier in dict.fromkeys(identifiers or ()))
    prepare_jax()
    tested = _tested(chosen)
    failed = sum(not case["passed"] for entry in tested for case in entry["cases"])
    count = sum(len(entry["cases"]) for entry in tested)
    finish(
        "theorem-cases",
        {"theorems": tested, "cases": count, "failed": failed},
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("theorem", "case", "ends in", "why"), _case_rows(tested), console),
        last=f"{len(tested)} theorems, {count} cases, {failed} not as they should be",
    )
    if len(tested) < len(chosen):
        sys.stderr.write(f"interrupted: {len(tested)} of {len(chosen)} theorems were tested\n")
        return INTERRUPTED
    return 1 if failed else 0


@app.command("graph")
def graph(form: GraphForm = "svg", as_json: AsJson = False, seed: Seed = 0, out: FigureOut = FIGURES) -> int:
    """Draw which theorem rests on which."""
    from fathometer.catalogue import theorems
    from fathometer.cli._finish import finish
    from fathometer.report import print_rows, theorem_graph, write_bytes

    drawing = theorem_graph(theorems(), form)
    write_bytes(out / f"theorems.{form}", drawing)
    edges = [(used, theorem.id) for theorem in theorems() for used in theorem.uses]
    return finish(
        "theorem-graph",
        {
            "theorems": [theorem.id for theorem in theorems()],
            "uses": [{"theorem": user, "uses": used} for used, user in edges],
            "drawing": str(out / f"theorems.{form}"),
        },
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("rests on", "theorem"), edges, console),
        last=f"drawn: {out / f'theorems.{form}'}",
    )


@app.command("cite")
def cite(identifier: Identifier, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Print the BibTeX entry of a theorem's source."""
    from fathometer.catalogue import theorem
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


def _tested(chosen: "Sequence[Theorem]") -> "list[dict[str, Any]]":
    """Each theorem with its cases as JSON values, until an interrupt; how far it is goes to standard error."""
    from fathometer.evidence import cases
    from fathometer.study import Progress, interruptions

    progress, tested = Progress("theorems"), []
    with interruptions() as interrupted:
        for theorem in chosen:
            began = time.perf_counter()
            ended = [_case(case) for case in cases(theorem)]
            tested.append({"id": theorem.id, "cases": ended, "seconds": round(time.perf_counter() - began, 2)})
            progress.at(len(tested) / len(chosen), theorem.id)
            if interrupted:
                break
    return tested


def _case(case: "Case") -> "dict[str, Any]":
    verdict = case.verdict
    return {
        "name": case.name,
        "expected": str(case.expected),
        "status": str(verdict.status),
        "passed": case.passed,
        "margin": verdict.margin,
        "explanation": verdict.explanation,
    }


def _case_rows(tested: "Sequence[dict[str, Any]]") -> list[tuple[str, str, str, str]]:
    """One line for each case, or for each theorem if there are many and all is well."""
    if len(tested) > 1 and all(case["passed"] for entry in tested for case in entry["cases"]):
        return [
            (entry["id"], f"all {len(entry['cases'])}", "as they should", f"{entry['seconds']} s") for entry in tested
        ]
    return [
        (entry["id"], case["name"], _ends(case), case["explanation"])
        for entry in tested
        for case in entry["cases"]
        if len(tested) == 1 or not case["passed"]
    ]


def _ends(case: "dict[str, Any]") -> str:
    return case["status"] if case["passed"] else f"{case['status']}, not {case['expected']}"
