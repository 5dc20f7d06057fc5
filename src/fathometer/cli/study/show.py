"""`fathometer study show`: what a study came to."""

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.study._options import Kept


def show(folder: Kept, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Show a study: how many cells are there, what came of every theorem and where it was closest, what failed."""
    from fathometer.cli.study._told import tell
    from fathometer.study import Study

    return tell(Study(folder), as_json=as_json, out=out)
