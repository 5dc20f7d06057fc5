"""`fathometer attention simulate`: tokens for a time."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed, Store
from fathometer.cli.attention._options import Beta, Masses, ModelName, Points, Uniform, read_system

if TYPE_CHECKING:
    from fathometer.evidence import Estimate, Trajectory
    from fathometer.report import Figure

Time = Annotated[float, typer.Option(help="Final time, above 0.")]
Causal = Annotated[bool, typer.Option("--causal", help="A token sees only itself and those before it.")]
Hard = Annotated[bool, typer.Option("--hard", help="Hardmax: all weight goes to the best other token (sa).")]
Normalization = Annotated[str, typer.Option(help="Where a layer normalises.", metavar="post|pre")]
Kappa = Annotated[float | None, typer.Option(help="Inverse noise, above 0; no noise if absent.", metavar="KAPPA")]
Saves = Annotated[int, typer.Option(help="Number of times to report, at least 2.")]
Engine = Annotated[
    str, typer.Option(help="plain keeps all states; large is for many tokens; auto: large above 4096.", metavar="NAME")
]
Precision = Annotated[str, typer.Option(help="float64, or float32 with the large engine.", metavar="NAME")]


def simulate(
    beta: Beta,
    time: Time,
    points: Points = None,
    uniform: Uniform = None,
    masses: Masses = None,
    model: ModelName = "sa",
    saves: Saves = 50,
    engine: Engine = "auto",
    precision: Precision = "float64",
    causal: Causal = False,
    hard: Hard = False,
    normalization: Normalization = "post",
    kappa: Kappa = None,
    figure: FigureFile = None,
    store: Store = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow tokens for a time: energy, clusters, the theorems that apply, and by when the collapse is certain.

    The options --causal, --hard, --normalization and --kappa choose a variant, which has theorems of its own.
    """
    import sys

    import numpy as np

    from fathometer import attention
    from fathometer.attention.dynamics.certified import SIMULATED_ROOM
    from fathometer.attention.figures import certified_figure
    from fathometer.attention.figures.results import run_figure
    from fathometer.cli._finish import finish
    from fathometer.cli.attention._run import keep_unfinished, remarks, run_tokens
    from fathometer.cli.attention._variants import Parts, noise_onset, run_variant
    from fathometer.data import store_run
    from fathometer.evidence import finite_number, whole_number
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    final, count = finite_number("time", time, above=0), whole_number("saves", saves, at_least=2)
    system = read_system(points, uniform, masses, beta, model, seed)
    prepare_jax()
    times = np.concatenate([[0.0], final * np.geomspace(1e-4, 1, count)])
    parts = Parts(causal, hard, normalization, kappa)
    onset, side = noise_onset(system, parts)

    def document(run: "Trajectory", observed: "dict[str, Estimate]") -> dict[str, Any]:
        return {
            "times": run.axis.points.tolist(),
            "observed": {name: estimate.to_json() for name, estimate in observed.items()},
            "events": [event.to_json() for event in run.events],
            "condition": run.condition,
            "warning": run.warning or None,
            "problem": system.summary(),
            "variant": None if parts.plain else vars(parts),
            "onset": onset,
            "provenance": run.provenance.to_json() | {"seed": seed},
        }

    def keep(so_far: "Trajectory") -> None:
        if out is not None:
            sys.stderr.write(f"{keep_unfinished(so_far, out)}\n")

    if parts.plain:
        run, observed, verdicts = run_tokens(system, times, engine, precision, keep)
    else:
        run, observed, verdicts = run_variant(system, times, parts, engine, precision, seed)
    proved = attention.collapse_certificate(
        run if parts.plain else None, SIMULATED_ROOM / max(1.0, system.beta), "the cone lemma is about the plain model"
    )
    kept = proved.run is not None and "points" in proved.run.states
    table = np.column_stack([run.axis.points, *(estimate.value for estimate in observed.values())])
    if store is not None:
        store_run(store, run)

    def draw() -> "Figure":
        drawn = run_figure(run, observed)
        if not kept:
            return drawn
        return drawn.beside(certified_figure("attention-simulate", run, proved.certified, proved.late))

    return finish(
        "attention-simulate",
        document(run, observed) | proved.to_json(),
        [*(("run", verdict) for verdict in verdicts), *proved.verdicts()],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("time", *observed), [[f"{x:.6g}" for x in row] for row in table], console),
        last="\n".join(filter(None, (remarks(run, observed), proved.text() if len(system.points) > 1 else "", side))),
        figure=figure,
        draw=draw,
    )
