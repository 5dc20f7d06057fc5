"""`fathometer attention certificate`: clusters that live for an exponentially long time."""

from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.attention._options import ONE_TOKEN, Beta, Masses, ModelName, Points, Uniform, read_system

Epsilon = Annotated[float | None, typer.Option(help="Depth of the caps, in (0, 1); chosen if absent.", metavar="EPS")]
Clusters = Annotated[int | None, typer.Option(help="Number of caps; chosen if absent.", metavar="K")]


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
