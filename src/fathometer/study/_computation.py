"""A computation that a study repeats: one function of named parameters and a seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from fathometer.evidence import Verdict
from fathometer.study.spec._named import Named
from fathometer.study.spec._parameters import Parameter

Scalar = float | int | bool | str | None


@dataclass(frozen=True)
class Computed:
    """What one cell came to.

    Attributes:
        values: a value for every column of the computation; None where there is none.
        verdicts: of the theorems that were asked, each under a name of its own.
        arrays: whatever is more than a number; each axis has the length that the parameters say, or is padded by NaN.
    """

    values: Mapping[str, Scalar]
    verdicts: tuple[Verdict, ...] = ()
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Column(NamedTuple):
    """A column of the table: the type of its values (float, int, bool or str), and what it says, with its unit."""

    kind: type
    meaning: str


@dataclass(frozen=True)
class Computation:
    """Something that a study can repeat.

    Attributes:
        name: a few small letters, with hyphens.
        summary: what it computes, in one line.
        parameters: what each may be, with its default.
        compute: `compute(parameters, seed)`, with all parameters, read; a function of a module, so that another process
            can import it. The same parameters and seed give the same values.
        columns: of the values, in order.
        axes: for each array, the names of its axes.
        files: the parameters that name files, and what finds one, `found(value, base)`: None where a value names none;
            what the files hold is part of the cell's address.
        about: what each parameter is, with its unit; a parameter that is not there is known by its name alone.
    """

    name: str
    summary: str
    parameters: Mapping[str, Parameter]
    compute: Callable[..., Computed]
    columns: Mapping[str, Column]
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, Callable[[str, Path], Named | None]] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
