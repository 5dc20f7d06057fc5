"""`fathometer attention`: tokens as interacting particles on the sphere. Each file is one command."""

import typer

from fathometer.cli.attention import (
    certificate,
    collapse,
    figure,
    layers,
    minimal_energy,
    noise,
    phase,
    simulate,
    threshold,
)

app = typer.Typer(help="Tokens as interacting particles.", rich_markup_mode=None)
app.command("figure")(figure.figure)
app.command("layers")(layers.layers)
app.command("noise")(noise.noise)
app.command("phase")(phase.phase)
app.command("simulate")(simulate.simulate)
app.command("certificate")(certificate.certificate)
app.command("collapse")(collapse.collapse)
app.command("threshold")(threshold.threshold)
app.command("minimal-energy")(minimal_energy.minimal_energy)


@app.callback()
def group() -> None:
    """Tokens as interacting particles."""
