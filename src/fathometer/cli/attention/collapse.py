"""`fathometer attention collapse`: tokens to their last merger, in log time."""

from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed, Store
from fathometer.cli.attention._options import ONE_TOKEN, Beta, Masses, ModelName, Points, Uniform, read_system

if TYPE_CHECKING:
    from fathometer.attention import CertifiedPlateau, Collapse, CollapseCertificate, ParticleSystem
    from fathometer.report import Figure

Tolerance = Annotated[
    float,
    typer.Option(help="Error allowed in log time, between 1e-13 and 1e-4; by the large engine between 1e-11 and 1e-6."),
]
EventChord = Annotated[
    float | None, typer.Option(help="Distance that makes an event; 0.1/sqrt(max(1, beta)) if absent.", metavar="C")
]
Check = Annotated[bool, typer.Option(help="Run again coarser and perturbed, for errors and condition.")]
Engine = Annotated[
    str,
    typer.Option(
        help="direct: all pairs. large: sums of order n and clocks of clusters. auto: large from 1000 tokens on.",
        metavar="auto|direct|large",
    ),
]
Verdicts = Annotated[bool, typer.Option(help="Run once more for its states, and hold every theorem against them.")]


def collapse(
    beta: Beta,
    points: Points = None,
    uniform: Uniform = None,
    masses: Masses = None,
    model: ModelName = "sa",
    tolerance: Tolerance = 1e-8,
    event_chord: EventChord = None,
    check: Check = True,
    verdicts: Verdicts = True,
    figure: FigureFile = None,
    store: Store = None,
    engine: Engine = "auto",
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow tokens to the last merger in log time: the merge tree, with errors and condition, and theorems about it.

    It also says by when the collapse is certain, and from which moment that is known, or why not.

    With --out, an interrupted run is stored there, and the same command goes on from it. Clouds of 1000 to ten million
    tokens run on an engine of their own, which says first how long it will take; see docs/attention-large.md.
    """
    import sys

    from fathometer import attention
    from fathometer.attention.dynamics.certified import merge_room
    from fathometer.attention.dynamics.collapse import collapse_document, collapse_rows, watched_collapse
    from fathometer.cli._finish import finish
    from fathometer.cli.attention.runs._large_collapse import is_large, large_collapse
    from fathometer.data import store_run
    from fathometer.evidence import InputError
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    if store is not None and not verdicts:
        raise InputError("--store keeps the states of the run, which --no-verdicts does without: leave one of them out")
    system = read_system(points, uniform, masses, beta, model, seed)
    prepare_jax()
    if is_large(engine, system):
        how = {"tolerance": tolerance, "event_chord": event_chord, "check": check, "verdicts": verdicts}
        return large_collapse(system, **how, as_json=as_json, seed=seed, out=out, figure=figure, store=store)
    file = None if out is None else out / "attention-collapse-unfinished.json"
    result, run = watched_collapse(
        system,
        tolerance=tolerance,
        event_chord=event_chord,
        check=check,
        states=verdicts,
        file=file,
        say=sys.stderr.write,
    )
    header, rows, last = collapse_rows(result)
    if store is not None and run is not None:
        store_run(store, run)
    room = merge_room(tolerance, system.beta)
    proved = attention.collapse_certificate(run, room, "no states were kept (--no-verdicts)")
    plateaus = attention.certified_staircase(system, result, run)
    held = [
        *(() if run is None else (("collapse", verdict) for verdict in attention.run_verdicts(run))),
        *(("staircase", verdict) for verdict in attention.staircase_verdicts(result, plateaus)),
        *proved.verdicts(),
    ]

    document = attention.add_certified_plateaus(collapse_document(result, system, seed), plateaus)
    return finish(
        "attention-collapse",
        document | proved.to_json(),
        held,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(*attention.with_certified(header, rows, plateaus), console),
        last=f"{last}\n{ONE_TOKEN if len(system.points) == 1 else proved.text()}",
        figure=figure,
        draw=lambda: _drawn(system, result, plateaus, proved),
    )


def _drawn(
    system: "ParticleSystem", result: "Collapse", plateaus: "list[CertifiedPlateau]", proved: "CollapseCertificate"
) -> "Figure":
    """The staircase and the tree, what is certain of the plateaus, and of the collapse where states were kept."""
    from fathometer import attention
    from fathometer.attention.figures import certified_figure
    from fathometer.attention.figures.results import collapse_figure

    drawn = collapse_figure(result, system).beside(attention.staircase_figure(result, plateaus))
    if proved.run is None:
        return drawn
    return drawn.beside(certified_figure("attention-collapse", proved.run, proved.certified, proved.late))
