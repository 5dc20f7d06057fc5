"""`fathometer network`: your own network, torch, JAX, ONNX or a folder of transformers."""

import typer

app = typer.Typer(help="Your own network: its tokens, its curvature, its risk.", no_args_is_help=True)
