"""`fathometer study`: one computation over many parameters. Each file is one command."""

import typer

from fathometer.cli.study import export, figure, list_, run, show, watch

app = typer.Typer(help="One computation over many parameters and seeds, kept cell by cell.", rich_markup_mode=None)
app.command("list")(list_.list_)
app.command("run")(run.run)
app.command("show")(show.show)
app.command("watch")(watch.watch)
app.command("export")(export.export)
app.command("figure")(figure.figure)


@app.callback()
def group() -> None:
    """One computation over many parameters and seeds, kept cell by cell."""
