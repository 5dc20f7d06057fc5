"""`fathometer network step`: how large a step a network can take where it is."""

from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.network._options import Chunk, LossRows, Miss, Parameters, Products, WithLoss

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.network.steps import CriticalStep, Edge

Along = Annotated[
    str, typer.Option(help="gradient, or a new optimiser: sgd:momentum=0.9,nesterov=1, adam:b1=0.9, rmsprop.")
]
Bracket = Annotated[float, typer.Option(help="Width of the bracket relative to its lower end.")]
Passes = Annotated[int, typer.Option(help="Most forward passes over the data.", min=4)]
Rate = Annotated[
    float | None,
    typer.Option("--lr", help="Compare this learning rate with the largest stable one, too; for the --direction."),
]


def step(
    network: WithLoss,
    data: LossRows,
    direction: Along = "gradient",
    lr: Rate = None,
    parameters: Parameters = "*",
    rtol: Bracket = 1e-2,
    passes: Passes = 30,
    products: Products = 60,
    miss: Miss = 1e-6,
    chunk: Chunk = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Find the smallest step that raises the loss, by forward passes alone.

    With --lr, the verdict says whether training with that learning rate is stable at this curvature: on either side of
    the edge of stability, 2 / the largest eigenvalue for gradient descent. The code is 1 beyond it.
    """
    from fathometer.cli._finish import finish
    from fathometer.cli.network._brought import network_with_loss
    from fathometer.evidence import finite_number
    from fathometer.network.curvature._objective_of import objective
    from fathometer.network.steps import critical_step_along, described, direction_of, edge_of
    from fathometer.numerics import prepare_jax

    prepare_jax()
    rate = None if lr is None else finite_number("lr", lr, above=0)
    net, loss, rows = network_with_loss(network, data)
    of = objective(net, loss, rows, parameters, chunk)
    along = direction_of(direction, net, of)
    found = critical_step_along(of, along, rtol=rtol, passes=passes)
    edge = None if rate is None else edge_of(of, along, rate, products=products, miss=miss, seed=seed)
    result = described(found, rate) | {
        "parameters": of.size,
        "rows": of.rows,
        "edge": edge and edge.to_json() | {"ratio": edge.ratio.to_json(), "side": str(edge.side)},
        "largest_stable_step": edge and edge.largest_stable_step.to_json(),
    }
    return finish(
        "network-step",
        result,
        () if edge is None else [(f"largest eigenvalue at learning rate {rate:g}", edge.verdict())],
        as_json=as_json,
        out=out,
        show=lambda console: _show(found, edge, rate, console),
    )


def _show(found: "CriticalStep", edge: "Edge | None", rate: float | None, console: "Console") -> None:
    from fathometer.report import print_estimates

    named = {"critical step": found.step, "critical sharpness, 2 / step": found.sharpness}
    if rate is not None:
        named["learning rate / critical step"] = found.against(rate)
    if edge is not None:
        named["largest eigenvalue"] = edge.largest
        named["largest stable step"] = edge.largest_stable_step
        named["learning rate / largest stable step"] = edge.ratio
    print_estimates(named, console)
    console.print(f"loss {found.loss:.6g}; {found.passes} forward passes along {found.direction}", highlight=False)
    console.print("Not excluded: a rise and fall between two of the steps that were tried.", highlight=False)
    if edge is not None:
        console.print(f"The step is {edge}.", highlight=False)
