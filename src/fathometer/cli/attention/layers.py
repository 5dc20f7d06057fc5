"""`fathometer attention layers`: the observables of tokens on recorded hidden states."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.attention._options import Beta
from fathometer.cli.attention.runs import _recorded_steps
from fathometer.cli.attention.runs._weights import LayerFiles, MlpFile

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from fathometer.evidence import Estimate, Trajectory
    from fathometer.report import Figure

Hidden = Annotated[
    Path,
    typer.Argument(
        help="Array 'hidden' (layers, tokens, dim); beside it 'control', such as the states of the same network with"
        " random weights.",
        metavar="HIDDEN.npz",
    ),
]
Causal = Annotated[bool, typer.Option("--causal", help="With --weights: a token sees those up to itself only.")]
Table = dict[str, "Estimate"]

NOTE = (
    "Nothing is judged here. The mean cosine alone proves nothing: all tokens may share one direction, and networks"
    " with random weights reach large values too. Read it beside the quantiles, the centred cosine and a control."
)
NO_CONTROL = "No control was given: add an array 'control' with the states of the same network at random weights."
ABSENT = "-: does not exist. One token has no pairs, and tokens that all coincide have no cosine around their mean."
COSINES = {
    "mean_cosine": "mean",
    "cosine_q05": "5 %",
    "cosine_median": "median",
    "cosine_q95": "95 %",
    "close_pairs": "above 0.99",
    "centred_mean_cosine": "centred mean",
    "centred_q95": "centred 95 %",
}
SHAPE = {
    "unit_energy": "energy",
    "effective_rank": "effective rank",
    "cluster_count": "clusters",
    "largest_gap": "largest gap",
    "diameter": "diameter",
    "effective_neighbours": "effective neighbours",
}


def layers(
    hidden: Hidden,
    beta: Beta = 1.0,
    weights: LayerFiles = None,
    mlp: MlpFile = None,
    causal: Causal = False,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Look at recorded hidden states, layer by layer: cosines, clusters, ranks, neighbours.

    With --weights, the step that the weights predict for each layer stands beside the step that was recorded, and
    beside the plain model and a control.
    """
    import numpy as np

    from fathometer import attention
    from fathometer.attention.figures.results import layers_figure
    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError

    if not weights and (mlp is not None or causal):
        raise InputError("--mlp and --causal go with --weights LAYER.npz")
    states, control_states = attention.read_hidden(hidden)
    run = attention.record(states, beta)
    control = None if control_states is None else attention.record(control_states, beta)
    table, beside = attention.layer_table(run), control and attention.layer_table(control)
    steps = (
        _recorded_steps.document(*_recorded_steps.read_steps(weights, mlp, states, beta, causal, seed))
        if weights
        else None
    )

    def draw() -> "Figure":
        drawn = layers_figure(table, beside, _histogram(run))
        if steps is None:
            return drawn
        return drawn.beside(_recorded_steps.draw(steps, float(np.asarray(table["mean_cosine"].value)[0])))

    return finish(
        "attention-layers",
        {
            **_described(run, table),
            "control": control and _described(control, beside or {}),
            "steps": steps,
            "note": NOTE if control else f"{NOTE} {NO_CONTROL}",
            "provenance": run.provenance.to_json(),
        },
        as_json=as_json,
        out=out,
        show=lambda console: _show(table, beside, steps, console),
        last="One token has no pair: there are no cosines to see." if run.states["points"].shape[1] == 1 else "",
        figure=figure,
        draw=draw,
    )


def _described(run: "Trajectory", table: Table) -> dict[str, object]:
    histogram = _histogram(run)
    return {
        "layers": run.axis.points.tolist(),
        "observed": {name: estimate.to_json() for name, estimate in table.items()},
        "histogram": None if histogram is None else {"edges": histogram[0].tolist(), "density": histogram[1].tolist()},
        "problem": run.problem.summary(),
    }


def _histogram(run: "Trajectory") -> "tuple[NDArray, NDArray] | None":
    """Edges and density of the cosines; None of one token, which has no pair."""
    from fathometer import attention

    masses = attention.ParticleSystem.expect(run.problem).masses
    return attention.cosine_histogram(run.states["points"], masses) if len(masses) > 1 else None


def _show(table: Table, beside: Table | None, steps: list[dict[str, Any]] | None, console: "Console") -> None:
    _show_columns("cosines of pairs of tokens", table, COSINES, console)
    if beside:
        _show_columns("cosines of pairs of tokens, control", beside, COSINES, console)
    _show_columns("shape of the cloud", table, SHAPE, console)
    if steps is not None:
        _recorded_steps.show(steps, console)
    console.print(NOTE if beside else f"{NOTE} {NO_CONTROL}", highlight=False, style="dim")


def _show_columns(title: str, table: Table, heads: dict[str, str], console: "Console") -> None:
    import numpy as np

    from fathometer.report import print_rows

    rows = np.column_stack([table[name].value for name in heads])
    cells = [[str(i), *("-" if np.isnan(x) else f"{x:.3g}" for x in row)] for i, row in enumerate(rows)]
    console.print(f"[bold]{title}[/]")
    print_rows(["layer", *heads.values()], cells, console)
    if np.any(np.isnan(rows)):
        console.print(ABSENT, highlight=False, style="dim")
