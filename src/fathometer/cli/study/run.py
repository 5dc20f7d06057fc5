"""`fathometer study run`: compute what is not there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import LARGEST_SEED, AsJson, Out

if TYPE_CHECKING:
    from fathometer.study import Specification

Spec = Annotated[Path, typer.Argument(metavar="SPEC.toml", help="What to compute.")]
Scheduler = Annotated[
    str | None, typer.Option(help="Compute on the Dask cluster at this address.", metavar="tcp://HOST:PORT")
]
Jobs = Annotated[int | None, typer.Option(help="Cells that are computed at a time; one if absent.", metavar="N", min=1)]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the study in the folder, which must be there.")]
Retry = Annotated[bool, typer.Option("--retry", help="Compute cells anew that failed before.")]
OneSeed = Annotated[
    int | None, typer.Option(help="One seed instead of those of the specification.", min=0, max=LARGEST_SEED)
]


def run(
    spec: Spec,
    scheduler: Scheduler = None,
    jobs: Jobs = None,
    resume: Resume = False,
    retry: Retry = False,
    as_json: AsJson = False,
    seed: OneSeed = None,
    out: Out = None,
) -> int:
    """Compute the cells of a study that are not in its folder, and show what came of it.

    The folder is that of --out, or one called like the specification. Every cell is kept there as soon as it is
    finished: an interrupt loses nothing, and the same command goes on. A cell that fails is kept with its error.
    """
    from fathometer.cli.study._engines import engine_of
    from fathometer.cli.study._told import tell
    from fathometer.evidence import InputError
    from fathometer.numerics import prepare_jax
    from fathometer.study import run_study, say_progress

    engine, where = engine_of(scheduler, jobs)
    specification, folder = _read(spec, seed), out or Path(spec.stem)
    if resume and not (folder / "study.json").is_file():
        raise InputError(f"--resume: {str(folder)!r} holds no study")
    prepare_jax()
    if scheduler or jobs:
        say_progress(f"{len(specification.cells)} cells in {folder}, computed by {where}")
    study = run_study(specification, folder, engine, retry=retry)
    return tell(study, as_json=as_json, out=None, last=f"kept in {folder}: `fathometer study figure {folder}` draws it")


def _read(spec: Path, seed: int | None) -> "Specification":
    """The specification, with one seed if that is given.

    Raises:
        InputError: if it cannot be read.
    """
    import tomllib

    from fathometer.computations import find
    from fathometer.study import read_specification, specification_of

    specification = read_specification(spec, find)
    if seed is None:
        return specification
    document = tomllib.loads(spec.read_text("utf-8")) | {"seeds": [seed]}
    return specification_of(document, find, base=spec.parent)
