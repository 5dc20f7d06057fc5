"""`fathometer attention simulate`: tokens for a time."""

from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed, Store
from fathometer.cli.attention._options import Beta, Masses, ModelName, Points, Uniform, read_system
from fathometer.cli.attention.runs._weights import Key, LayerFile, MlpFile, Query, Value

if TYPE_CHECKING:
    from fathometer.attention import CollapseCertificate
    from fathometer.evidence import Estimate, Trajectory
    from fathometer.report import Figure

Time = Annotated[float, typer.Option(help="Final time, above 0.")]
Causal = Annotated[bool, typer.Option("--causal", help="A token sees only itself and those before it.")]
Hard = Annotated[bool, typer.Option("--hard", help="Hardmax: all weight goes to the best other token (sa).")]
Normalization = Annotated[
    str,
    typer.Option(
        help="Where a layer normalises; peri and ngpt are pre and post with what is added normalised, too.",
        metavar="post|pre|peri|ngpt",
    ),
]
Kappa = Annotated[float | None, typer.Option(help="Inverse noise, above 0; no noise if absent.", metavar="KAPPA")]
Saves = Annotated[int, typer.Option(help="Number of times to report, at least 2.")]
Engine = Annotated[
    str, typer.Option(help="plain keeps all states; large is for many tokens; auto: large above 4096.", metavar="NAME")
]
Precision = Annotated[str, typer.Option(help="float64, or float32 with the large engine.", metavar="NAME")]
Devices = Annotated[
    str | None,
    typer.Option(help="Share the tokens over so many devices, each with its part of them.", metavar="N|all"),
]


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
    devices: Devices = None,
    causal: Causal = False,
    hard: Hard = False,
    normalization: Normalization = "post",
    kappa: Kappa = None,
    query: Query = None,
    key: Key = None,
    value: Value = None,
    weights: LayerFile = None,
    mlp: MlpFile = None,
    figure: FigureFile = None,
    store: Store = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow tokens for a time: energy, clusters, the theorems that apply, and by when the collapse is certain.

    The options --causal, --hard, --normalization and --kappa choose a variant, which has theorems of its own. --query,
    --key and --value or --weights, and --mlp, give it the weights of a layer; theorems on plain tokens then say by how
    much they do not apply.
    """
    import sys

    import numpy as np

    from fathometer import attention
    from fathometer.attention.dynamics.certified import simulated_room
    from fathometer.cli._finish import finish
    from fathometer.cli.attention.runs._run import keep_unfinished, remarks, run_document, run_tokens
    from fathometer.cli.attention.runs._variants import Parts, noise_onset, run_variant
    from fathometer.cli.attention.runs._weights import read_weights
    from fathometer.data import store_run
    from fathometer.evidence import InputError, finite_number, whole_number
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    final, count = finite_number("time", time, above=0), whole_number("saves", saves, at_least=2)
    system = read_system(points, uniform, masses, beta, model, seed)
    prepare_jax()
    times = np.concatenate([[0.0], final * np.geomspace(1e-4, 1, count)])
    parts, asked = Parts(causal, hard, normalization, kappa), read_weights(query, key, value, weights, mlp)
    plain = parts.plain and asked.plain
    onset, side = noise_onset(system, parts) if asked.plain else (None, "")

    def keep(so_far: "Trajectory") -> None:
        if out is not None:
            sys.stderr.write(f"{keep_unfinished(so_far, out)}\n")

    if devices is not None and not plain:
        raise InputError("devices are for the plain model: leave --devices or the options of the variant out")
    if plain:
        (run, observed, verdicts), given = run_tokens(system, times, engine, precision, keep, devices), None
    else:
        run, observed, verdicts, given = run_variant(system, times, parts, asked, engine, precision, seed)
    proved = attention.collapse_certificate(
        run if plain else None, simulated_room(system.beta), "the cone lemma is about the plain model"
    )
    table = np.column_stack([run.axis.points, *(estimate.value for estimate in observed.values())])
    if store is not None:
        store_run(store, run)

    return finish(
        "attention-simulate",
        run_document(run, observed, system, seed)
        | {"variant": None if plain else vars(parts), "onset": onset, "weights": given}
        | proved.to_json(),
        [*(("run", verdict) for verdict in verdicts), *proved.verdicts()],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("time", *observed), [[f"{x:.6g}" for x in row] for row in table], console),
        last="\n".join(filter(None, (remarks(run, observed), proved.text() if len(system.points) > 1 else "", side))),
        figure=figure,
        draw=lambda: _drawn(run, observed, parts.words(asked), proved),
    )


def _drawn(run: "Trajectory", observed: "dict[str, Estimate]", variant: str, proved: "CollapseCertificate") -> "Figure":
    """The run, and beside it what it certifies where its states were kept."""
    from fathometer.attention.figures import certified_figure
    from fathometer.attention.figures.results import run_figure

    drawn = run_figure(run, observed, variant=variant)
    if proved.run is None or "points" not in proved.run.states:
        return drawn
    return drawn.beside(certified_figure("attention-simulate", run, proved.certified, proved.late))
