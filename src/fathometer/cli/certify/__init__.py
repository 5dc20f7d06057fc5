"""`fathometer certify`: how wrong a model can be on new data. Each file is one command."""

import typer

from fathometer.cli.certify import bridge, certify, compare, conversion, coverage, fetch, reproduce

app = typer.Typer(help="Train a model and certify its risk on new data.", rich_markup_mode=None)
app.callback(invoke_without_command=True)(certify.certify)
app.command("fetch")(fetch.fetch)
app.command("reproduce")(reproduce.reproduce)
app.command("compare")(compare.compare)
app.command("coverage")(coverage.coverage)
app.command("bridge")(bridge.bridge)
app.command("conversion")(conversion.conversion)
