"""`fathometer app`: the live page."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fathometer.cli._options import AsJson

Port = Annotated[int, typer.Option(help="Where to listen; the next one is tried if it is taken, 0 takes any.")]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
Export = Annotated[
    Path | None,
    typer.Option(help="Write the page as one file that needs no server, and end.", metavar="FILE.html"),
]


def app(port: Port = 8765, open_browser: Open = False, export: Export = None, as_json: AsJson = False) -> int:
    """Serve the live page to this machine alone, until Ctrl-C: the three theories under your hands."""
    from fathometer.evidence import InputError

    try:
        from fathometer.app import export_page, serve
    except ModuleNotFoundError as missing:
        raise InputError(f"the page needs {missing.name}: pip install 'fathometer[app]'") from missing

    def say(**facts: Any) -> None:
        line = json.dumps(facts) if as_json else "\n".join(str(fact) for fact in facts.values())
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    if export is None:
        serve(port, open_browser=open_browser, ready=lambda address: say(address=address), note=sys.stderr.write)
    else:
        if export.suffix != ".html":
            raise InputError(f"--export must end in .html, got {export}")
        export_page(export)
        say(file=str(export))
    return 0
