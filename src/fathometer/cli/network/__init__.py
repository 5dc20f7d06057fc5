"""`fathometer network`: your own network. Each file is one command."""

import typer

from fathometer.cli.network import certify, fetch

app = typer.Typer(help="Your own network: its tokens, its curvature, its risk.", rich_markup_mode=None)
app.command("fetch")(fetch.fetch)
app.command("certify")(certify.certify)


@app.callback()
def group() -> None:
    """Your own network, torch, JAX, ONNX or a folder of transformers: its tokens, its curvature, its risk."""
