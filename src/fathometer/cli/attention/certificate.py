"""`fathometer attention certificate`: clusters that live for an exponentially long time."""

from typing import Annotated

import typer

from fathometer.cli._options import AsJson, FigureFile, Out, Seed
from fathometer.cli.attention._options import ONE_TOKEN, Beta, Masses, ModelName, Points, Uniform, read_system

Epsilon = Annotated[float | None, typer.Option(help="Depth of the caps, in (0, 1); chosen if absent.", metavar="EPS")]
Clusters = Annotated[int | None, typer.Option(help="Number of caps; chosen if absent.", metavar="K")]
AfterCollapse = Annotated[
    bool, typer.Option("--after-collapse", help="Integrate to tight clusters first, and certify their life from there.")
]


def certificate(
    beta: Beta,
    points: Points = None,
    uniform: Uniform = None,
    masses: Masses = None,
    model: ModelName = "sa",
    epsilon: Epsilon = None,
    clusters: Clusters = None,
    after_collapse: AfterCollapse = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
    figure: FigureFile = None,
) -> int:
    """Certify that clusters live for an exponentially long time, in two ways, and hold that against a simulation.

    The published certificate wants equal masses; the lifetime, nearly sharp, takes any. Both need a beta
    above 0.
    """
    from fathometer import attention
    from fathometer.cli._finish import finish
    from fathometer.numerics import prepare_jax
    from fathometer.report import print_rows

    prepare_jax()
    system = read_system(points, uniform, masses, beta, model, seed)
    cloud = attention.metastability_certificate(system, epsilon, clusters)
    verdicts = attention.certificate_verdicts(cloud)
    tokens, life = attention.certified_lifetime(system, clusters, after_collapse=after_collapse)
    held = attention.lifetime_verdicts(tokens, life)
    return finish(
        "attention-certificate",
        attention.certificate_document(cloud, verdicts)
        | {"lifetime": attention.lifetime_document(life, beta, held), "seed": seed},
        [*(("certificate", verdict) for verdict in verdicts), *(("lifetime", verdict) for verdict in held)],
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(
            ("quantity", "value"), attention.certificate_rows(cloud) + attention.lifetime_rows(life), console
        ),
        last=ONE_TOKEN if len(cloud.system.points) == 1 else "",
        figure=figure,
        draw=lambda: attention.lifetime_figure(cloud, life),
    )
