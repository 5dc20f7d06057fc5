"""`fathometer attention`: tokens as interacting particles on the sphere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli import attention_figure, attention_layers, attention_phase
from fathometer.cli._attention_options import Beta, ModelName
from fathometer.cli._options import AsJson, Out, Seed

if TYPE_CHECKING:
    from fathometer.attention import ParticleSystem
    from fathometer.evidence import Estimate, Trajectory

app = typer.Typer(help="Tokens as interacting particles.", rich_markup_mode=None)
app.command("figure")(attention_figure.figure)
app.command("layers")(attention_layers.layers)
app.command("phase")(attention_phase.phase)
Points = Annotated[Path | None, typer.Option(help="Tokens, shape (n, d); projected to the sphere.", metavar="P.npy")]
Uniform = Annotated[str | None, typer.Option(help="Draw n uniform points in dimension d.", metavar="n,d")]
Masses = Annotated[Path | None, typer.Option(help="Positive weights, shape (n,); equal if absent.", metavar="M.npy")]
Time = Annotated[float, typer.Option(help="Final time, above 0.")]
Epsilon = Annotated[float | None, typer.Option(help="Depth of the caps, in (0, 1); chosen if absent.", metavar="EPS")]
Clusters = Annotated[int | None, typer.Option(help="Number of caps; chosen if absent.", metavar="K")]
Tolerance = Annotated[float, typer.Option(help="Error allowed in log time, between 1e-13 and 1e-4.")]
EventChord = Annotated[
    float | None, typer.Option(help="Distance that makes an event; 0.1/sqrt(max(1, beta)) if absent.", metavar="C")
]
Check = Annotated[bool, typer.Option(help="Run again coarser and perturbed, for errors and condition.")]
Verdicts = Annotated[bool, typer.Option(help="Run once more for its states, and hold every theorem against them.")]
Causal = Annotated[bool, typer.Option("--causal", help="A token sees only itself and those before it.")]
Hard = Annotated[bool, typer.Option("--hard", help="Hardmax: all weight goes to the best other token (sa).")]
Normalization = Annotated[str, typer.Option(help="Where a layer normalises.", metavar="post|pre")]
Kappa = Annotated[float | None, typer.Option(help="Inverse noise, above 0; no noise if absent.", metavar="KAPPA")]
Saves = Annotated[int, typer.Option(help="Number of times to report, at least 2.")]
Engine = Annotated[
    str, typer.Option(help="plain keeps all states; large is for many tokens; auto: large above 4096.", metavar="NAME")
]
Precision = Annotated[str, typer.Option(help="float64, or float32 with the large engine.", metavar="NAME")]


@app.callback()
def group() -> None:
    """Tokens as interacting particles."""


@app.command("simulate")
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
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow tokens for a time: energy, clusters, and the theorems that apply.

    The options --causal, --hard, --normalization and --kappa choose a variant, of which no theorem is judged here.
    """
    import sys

    import numpy as np

    from fathometer.cli._attention_run import keep_unfinished, remarks, run_tokens
    from fathometer.cli._attention_variants import Parts, run_variant
    from fathometer.cli._finish import finish
    from fathometer.evidence import finite_number, whole_number
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    final, count = finite_number("time", time, above=0), whole_number("saves", saves, at_least=2)
    system = read_system(points, uniform, masses, beta, model, seed)
    prepare_jax()
    times = np.concatenate([[0.0], final * np.geomspace(1e-4, 1, count)])
    parts = Parts(causal, hard, normalization, kappa)

    def document(run: "Trajectory", observed: "dict[str, Estimate]") -> dict[str, Any]:
        return {
            "times": run.axis.points.tolist(),
            "observed": {name: estimate.to_json() for name, estimate in observed.items()},
            "events": [event.to_json() for event in run.events],
            "condition": run.condition,
            "warning": run.warning or None,
            "problem": system.summary(),
            "variant": None if parts.plain else vars(parts),
            "provenance": run.provenance.to_json() | {"seed": seed},
        }

    def keep(so_far: "Trajectory") -> None:
        if out is not None:
            sys.stderr.write(f"{keep_unfinished(so_far, out)}\n")

    if parts.plain:
        run, observed, verdicts = run_tokens(system, times, engine, precision, keep)
    else:
        run, observed, verdicts = run_variant(system, times, parts, engine, precision, seed)
    table = np.column_stack([run.axis.points, *(estimate.value for estimate in observed.values())])
    return finish(
        "attention-simulate",
        document(run, observed),
        [("run", verdict) for verdict in verdicts],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("time", *observed), [[f"{x:.6g}" for x in row] for row in table], console),
        last=remarks(run, observed),
    )


@app.command("certificate")
def certificate(
    beta: Beta,
    points: Points = None,
    uniform: Uniform = None,
    masses: Masses = None,
    model: ModelName = "sa",
    epsilon: Epsilon = None,
    clusters: Clusters = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Certify that clusters live for an exponentially long time, and hold that against a simulation."""
    from fathometer import attention
    from fathometer.cli._attention_run import ONE_TOKEN
    from fathometer.cli._finish import finish
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    prepare_jax()
    cloud = attention.metastability_certificate(
        read_system(points, uniform, masses, beta, model, seed), epsilon, clusters
    )
    verdicts = attention.certificate_verdicts(cloud)
    result = attention.certificate_document(cloud, verdicts)
    return finish(
        "attention-certificate",
        result | {"seed": seed},
        [("certificate", verdict) for verdict in verdicts],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("quantity", "value"), attention.certificate_rows(cloud), console),
        last=ONE_TOKEN if len(cloud.system.points) == 1 else "",
    )


@app.command("collapse")
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
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Follow tokens to the last merger in log time: the merge tree, with errors and condition, and theorems about it.

    With --out, an interrupted run is stored there, and the same command goes on from it.
    """
    import sys

    from fathometer.attention.dynamics.collapse import collapse_document, collapse_rows, watched_collapse
    from fathometer.cli._attention_run import ONE_TOKEN, every_verdict
    from fathometer.cli._finish import finish
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    system = read_system(points, uniform, masses, beta, model, seed)
    prepare_jax()
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
    return finish(
        "attention-collapse",
        collapse_document(result, system, seed),
        [] if run is None else [("collapse", verdict) for verdict in every_verdict(run)],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(header, rows, console),
        last=f"{last}\n{ONE_TOKEN}" if len(system.points) == 1 else last,
    )


def read_system(
    points: Path | None, uniform: str | None, masses: Path | None, beta: float, model: str, seed: int
) -> "ParticleSystem":
    """Read or draw the tokens that the shared options describe; rows are projected to the sphere.

    Args:
        points: file of shape (n, d), nonzero rows; None if tokens are drawn.
        uniform: n and d of tokens to draw, as text "n,d"; None if they are read.
        masses: file of shape (n,), positive; None for equal ones.
        beta: inverse temperature, between 0 and 1e10.
        model: sa or usa.
        seed: of the tokens that are drawn.
    """
    from fathometer.attention import ParticleSystem
    from fathometer.data import load_array
    from fathometer.evidence import InputError

    if (points is None) == (uniform is None):
        raise InputError("give either --points P.npy or --uniform n,d")
    weights = None if masses is None else load_array(masses, ndim=1)
    if points is not None:
        return ParticleSystem.project(load_array(points, ndim=2), beta, model, weights)
    drawn = ParticleSystem.uniform(*_pair(str(uniform)), beta, model, seed)
    return ParticleSystem.project(drawn.points, beta, model, weights)


def _pair(text: str) -> tuple[int, int]:
    from fathometer.evidence import InputError, whole_number

    parts = text.split(",")
    if len(parts) != 2:
        raise InputError(f"--uniform must be n,d such as 32,3, got {text!r}")
    return whole_number("n", parts[0], at_least=1), whole_number("d", parts[1], at_least=2)
