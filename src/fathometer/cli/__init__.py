"""The command line. Each file is one command; a command imports what it needs when it runs."""

import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise

import typer
from typer.exceptions import TyperException

from fathometer.cli import attention, bound, certify, deep_linear, doctor, recheck, theorems, tour
from fathometer.cli._attended import attended

DEFECT = 70

app = typer.Typer(
    help="Theorems about neural networks that run: prediction beside measurement, a verdict and a margin.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("tour")(tour.tour)
app.add_typer(attention.app, name="attention")
app.add_typer(deep_linear.app, name="deep-linear")
app.command("bound")(bound.bound)
app.add_typer(certify.app, name="certify")
app.command("recheck")(recheck.recheck)
app.add_typer(theorems.app, name="theorems")
app.command("doctor")(doctor.doctor)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Bad usage and bad input are one line on standard error and code 2; a defect of ours is a traceback and code 70, so
    that it cannot be taken for a violated theorem.
    """
    try:
        return app(list(arguments) or ["--help"], prog_name="fathometer", standalone_mode=False) or 0
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("fathometer: interrupted\n")
        return 130
    except TyperException as error:
        return _refuse(error.format_message() + _given(error, arguments))
    except Exception as error:
        from fathometer.evidence import InputError

        if isinstance(error, InputError):
            return _refuse(str(error))
        traceback.print_exc()
        return DEFECT


def main() -> None:
    """Entry point of the console script."""
    sys.exit(attended(lambda: run(sys.argv[1:])))


def _given(error: TyperException, arguments: Sequence[str]) -> str:
    """Name the text that could not be read as an option's value."""
    names = set(getattr(getattr(error, "param", None), "opts", ()))
    values = [value for name, value in pairwise(arguments) if name in names]
    return f", got {values[-1]!r}" if values else ""


def _refuse(message: str) -> int:
    sys.stderr.write(f"fathometer: {' '.join(message.split())}\n")
    return 2
