"""`fathometer network`: your own network, torch, JAX, ONNX or a folder of transformers. Each file is one command."""

import typer

from fathometer.cli.network import certify, fetch, inspect, layers, sharpness, step

app = typer.Typer(help="Your own network: its tokens, its curvature, its risk.", rich_markup_mode=None)
app.command("inspect")(inspect.inspect)
app.command("layers")(layers.layers)
app.command("sharpness")(sharpness.sharpness)
app.command("step")(step.step)
app.command("certify")(certify.certify)
app.command("fetch")(fetch.fetch)


@app.callback()
def group() -> None:
    """Your own network, torch, JAX, ONNX or a folder of transformers: its tokens, its curvature, its risk."""
