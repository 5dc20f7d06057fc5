"""`fathometer study list`: every computation, its parameters and its columns."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, Out, Seed

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.study import Computation, Parameter

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Computations; all if left out.")]


def list_(names: Names = None, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """List what a study can repeat: each computation with its parameters, their ranges and defaults, and its columns.

    With names, in full.
    """
    from fathometer.cli._finish import finish
    from fathometer.computations import find, names as known

    chosen = [find(name) for name in names or known()]
    return finish(
        "study-list",
        {"computations": [_document(one) for one in chosen]},
        as_json=as_json,
        out=out,
        show=lambda console: _show_all(chosen, console) if names else _show_brief(chosen, console),
        last="" if names else "`fathometer study list NAME` says what parameters and columns are",
    )


def _document(computation: "Computation") -> dict[str, Any]:
    return {
        "name": computation.name,
        "summary": computation.summary,
        "parameters": {
            name: {
                "allowed": _allowed(one),
                "default": one.default,
                "about": computation.about.get(name, ""),
                "file": name in computation.files,
            }
            for name, one in computation.parameters.items()
        },
        "columns": {
            name: {"type": column.kind.__name__, "meaning": column.meaning}
            for name, column in computation.columns.items()
        },
        "arrays": {name: list(axes) for name, axes in computation.axes.items()},
    }


def _allowed(parameter: "Parameter") -> str:
    """What a parameter may be, in a few words."""
    from fathometer.evidence import text_near
    from fathometer.study import Choice, Numbers, Real, Switch, Whole

    if isinstance(parameter, Real):
        return f"{text_near(parameter.low)} to {text_near(parameter.high)}"
    if isinstance(parameter, Whole):
        return f"whole, {parameter.low} to {parameter.high}"
    if isinstance(parameter, Choice):
        return ", ".join(parameter.options)
    if isinstance(parameter, Switch):
        return "true, false"
    return f"at most {parameter.most} numbers" if isinstance(parameter, Numbers) else "text"


def _show_brief(chosen: "list[Computation]", console: "Console") -> None:
    from fathometer.report import print_rows

    rows = [(one.name, ", ".join(one.parameters), one.summary) for one in chosen]
    print_rows(("computation", "parameters", "what it computes"), rows, console)


def _show_all(chosen: "list[Computation]", console: "Console") -> None:
    from fathometer.report import print_rows

    for one in chosen:
        console.print(f"[bold]{one.name}[/]: {one.summary}", highlight=False)
        parameters = [
            (name, _shortened(_allowed(parameter)), _default(parameter), one.about.get(name, ""))
            for name, parameter in one.parameters.items()
        ]
        print_rows(("parameter", "allowed", "default", "what it is"), parameters, console)
        columns = [(name, column.kind.__name__, column.meaning) for name, column in one.columns.items()]
        print_rows(("column", "type", "what it says"), columns, console)
        if one.axes:
            print_rows(("array", "axes"), [(name, ", ".join(axes)) for name, axes in one.axes.items()], console)


def _default(parameter: "Parameter") -> str:
    shown = parameter.default
    return str(shown).lower() if isinstance(shown, bool) else f"{shown:g}" if isinstance(shown, float) else str(shown)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
