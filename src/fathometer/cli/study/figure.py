"""`fathometer study figure`: what the specification wants drawn."""

from pathlib import Path
from typing import TYPE_CHECKING

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.study._options import Kept

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.report import Figure
    from fathometer.study import Study


def figure(folder: Kept, figure: FigureFile = None, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Draw a study as the table [figure] of its specification says, into --figure F.svg or DIR/figure.svg."""
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance
    from fathometer.report import write_picture
    from fathometer.study import Study
    from fathometer.study.figure import study_figure

    study = Study(folder)
    drawn = study_figure(study, _about(study))
    file = figure or Path(folder) / "figure.svg"
    write_picture(file, drawn, Provenance.from_json(study.layout.document["provenance"]))
    return finish(
        "study-figure",
        drawn.to_json() | {"file": str(file)},
        as_json=as_json,
        out=out,
        show=lambda console: _show(drawn, console),
        last=f"drawn: {file}",
    )


def _about(study: "Study") -> dict[str, str]:
    """What the parameters are; nothing of a computation that is not known here."""
    from fathometer.computations import find, names

    return dict(find(study.computation).about) if study.computation in names() else {}


def _show(drawn: "Figure", console: "Console") -> None:
    from fathometer.report import print_rows

    if drawn.rows:
        print_rows(
            ("judged", "expected", "came out"), [(r.quantity, r.expected, r.measured) for r in drawn.rows], console
        )
