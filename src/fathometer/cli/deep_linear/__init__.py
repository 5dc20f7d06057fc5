"""`fathometer deep-linear`: deep linear networks on your regression data. Each file is one command."""

import typer

from fathometer.cli.deep_linear import figure, sharpness, train

app = typer.Typer(help="Deep linear networks on your regression data.", rich_markup_mode=None)
app.command("train")(train.train)
app.command("sharpness")(sharpness.sharpness)
app.command("figure")(figure.figure)


@app.callback()
def group() -> None:
    """Deep linear networks on your regression data."""
