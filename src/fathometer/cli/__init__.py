"""The command line. Each file is one command; a command imports what it needs when it runs."""

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

import typer
from typer.exceptions import TyperException

from fathometer.cli import (
    app as page,
    attention,
    bound,
    certify,
    deep_linear,
    doctor,
    network,
    predict,
    recheck,
    study,
    theorems,
    tour,
)
from fathometer.cli._attended import attended
from fathometer.cli._of_input import message_of
from fathometer.cli._streams import cut_off, prepare_streams, quiet_libraries, silence

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
app.add_typer(network.app, name="network")
app.command("bound")(bound.bound)
app.add_typer(certify.app, name="certify")
app.command("predict")(predict.predict)
app.command("recheck")(recheck.recheck)
app.add_typer(study.app, name="study")
app.add_typer(theorems.app, name="theorems")
app.command("app")(page.app)
app.command("doctor")(doctor.doctor)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Bad usage, bad input and what the machine refuses are one line on standard error and code 2; a reader that is gone
    (`| head`) is code 141, as a shell reports it of other tools; a defect of ours is a traceback and code 70, so that
    it cannot be taken for a violated theorem.
    """
    if complaint := prepare_streams() or _empty(arguments):
        return _refuse(complaint)
    stdout = sys.stdout
    try:
        with quiet_libraries():
            code = app(list(arguments) or ["--help"], prog_name="fathometer", standalone_mode=False) or 0
        stdout.flush()
        return code
    except (typer.Abort, KeyboardInterrupt):
        return _say("interrupted", 130)
    except TyperException as error:
        return _refuse(error.format_message() + _given(error, arguments))
    except BrokenPipeError:
        return cut_off(stdout)
    except SystemExit as stop:  # the libraries that print leave by this, with a code that would mean VIOLATED
        if isinstance(stop.__context__, BrokenPipeError):
            return cut_off(stdout)
        raise
    except Exception as error:
        if (message := message_of(error, arguments)) is None:
            with suppress(OSError):
                traceback.print_exc()
            return DEFECT
        if isinstance(error, OSError):
            silence(stdout)
        return _refuse(message)


def main() -> None:
    """Entry point of the console script."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that find no free core would spin instead of work
    sys.exit(attended(lambda: run(sys.argv[1:])))


def _given(error: TyperException, arguments: Sequence[str]) -> str:
    """Name the text that could not be read as an option's value."""
    names = set(getattr(getattr(error, "param", None), "opts", ()))
    values = [value for name, value in pairwise(arguments) if name in names]
    return f", got {values[-1]!r}" if values else ""


def _empty(arguments: Sequence[str]) -> str | None:
    """Name what is given as the empty text, which nothing takes: as a path it would be the current folder."""
    pairs = [*pairwise(arguments), *(argument.split("=", 1) for argument in arguments if "=" in argument)]
    names = [name for name, value in pairs if name.startswith("--") and value == ""]
    if names:
        return f"{names[0]} must not be empty"
    return "an argument must not be empty" if "" in arguments else None


def _refuse(message: str) -> int:
    return _say(" ".join(message.split()), 2)


def _say(message: str, code: int) -> int:
    with suppress(OSError):
        sys.stderr.write(f"fathometer: {message}\n")
    return code
