"""`fathometer app`: the live page."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.network._options import Ids, Text

Port = Annotated[int, typer.Option(help="Where to listen; the next one is tried if it is taken, 0 takes any.")]
Open = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
Export = Annotated[
    Path | None,
    typer.Option(help="Write the page as one file that needs no server, and end.", metavar="FILE.html"),
]
NetworkModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Show the layers of a network: folder of transformers, M.onnx or module:factory.",
        metavar="NETWORK",
    ),
]


def app(
    port: Port = 8765,
    open_browser: Open = False,
    export: Export = None,
    model: NetworkModel = None,
    text: Text = None,
    ids: Ids = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Serve the live page to this machine alone, until Ctrl-C: the three theories under your hands."""
    from fathometer.evidence import InputError
    from fathometer.report import write_json
    from fathometer.study import stay_silent

    try:
        from fathometer.app import Brought, export_page, serve
    except ModuleNotFoundError as missing:
        raise InputError(f"the page needs {missing.name}: pip install 'fathometer[app]'") from missing

    def say(**facts: Any) -> None:
        if out is not None:
            write_json(out / "app.json", facts)
        line = json.dumps(facts) if as_json else "\n".join(str(fact) for fact in facts.values())
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    network = Brought(*_network(model, text, ids))
    if export is None:
        stay_silent()
        serve(
            port,
            open_browser=open_browser,
            ready=lambda address: say(address=address),
            note=sys.stderr.write,
            network=network,
        )
    else:
        if export.suffix != ".html":
            raise InputError(f"--export must end in .html, got {export}")
        export_page(export)
        say(file=str(export))
    return 0


def _network(model: str | None, text: Path | None, ids: Path | None) -> tuple[str | None, Path | None, Path | None]:
    """What the view of layers is to show.

    Raises:
        InputError: if texts are given without a network, both kinds of them, or a folder or file is not there.
    """
    from fathometer.evidence import InputError

    if model is None and (text or ids):
        raise InputError("--text and --ids go with --model NETWORK")
    if text and ids:
        raise InputError("give either --text F or --ids F.npz, not both")
    if model is not None and ":" not in model and not Path(model).exists():
        raise InputError(f"no folder or file {model!r} for --model")
    for file in (text, ids):
        if file is not None and not file.is_file():
            raise InputError(f"no file {str(file)!r}")
    return model, text, ids
