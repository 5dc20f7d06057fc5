"""Specifications: one computation, what varies, what is judged."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError
from fathometer.study._computation import Computation
from fathometer.study.engines._engine import Limits
from fathometer.study.spec._code import code_version
from fathometer.study.spec._figure_keys import read_figure
from fathometer.study.spec._grid import grid_values, is_number, settled
from fathometer.study.spec._judged import Judging, read_judging
from fathometer.study.spec._limits import read_limits
from fathometer.study.spec._named import Named
from fathometer.study.spec._sample import sample_points
from fathometer.study.spec._space import Cells, Space
from fathometer.study.spec._tables import only_keys, plain, table_at, text_of

Find = Callable[[str], Computation]
"""From the name of a computation to it; raises InputError if there is none."""

KEYS = ("title", "seeds", "computation", "fixed", "grid", "sample", "judge", "limits", "figure")
OWN_COLUMNS = ("cell", "seed", "status", "seconds", "machine", "error", "traceback")
"""Columns that every table has; a computation calls none of its own so."""
MOST_CELLS = 10_000_000
_MOST_SEED = 2**63 - 1


@dataclass(frozen=True, eq=False)
class Specification:
    """What a study computes.

    Attributes:
        computation: what is repeated.
        space: parameters and seeds.
        limits: of one cell.
        judge: what counts.
        title: a few words; empty if there are none.
        figure: what is drawn, by key of the table [figure]; empty if nothing was said.
        sample: the table [sample], as it was given.
        files: what stands for names of files in addresses, by parameter and its value as JSON.
        code: version of the code that computes, part of every address.
    """

    computation: Computation
    space: Space
    limits: Limits
    judge: Judging
    title: str
    figure: Mapping[str, Any]
    sample: Mapping[str, Any]
    files: Mapping[tuple[str, str], str]
    code: str

    @cached_property
    def cells(self) -> Cells:
        """All cells, in order, made when they are asked for."""
        return Cells(self.space, {"computation": self.computation.name, "code": self.code}, self.files)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `specification_of` reads back."""
        document: dict[str, Any] = {"title": self.title, "seeds": list(self.space.seeds)}
        document["computation"] = {"name": self.computation.name}
        limits = {"seconds": self.limits.seconds, "memory": self.limits.memory}
        tables = {
            "fixed": {name: plain(v) for name, v in self.space.fixed.items() if v is not None},
            "grid": {name: [plain(v) for v in values] for name, values in self.space.axes.items()},
            "sample": dict(self.sample),
            "judge": self.judge.to_json(),
            "limits": {key: value for key, value in limits.items() if value is not None},
            "figure": dict(self.figure),
        }
        return document | {name: table for name, table in tables.items() if table}


def read_specification(path: Path, find: Find) -> Specification:
    """Read a specification in TOML; names of files in it are relative to its folder.

    Raises:
        InputError: if it cannot be read, or says something that is not allowed.
    """
    import tomllib

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{str(path)!r} is not TOML: {str(error).splitlines()[0]}") from error
    return specification_of(document, find, base=path.parent)


def specification_of(document: Mapping[str, Any], find: Find, *, base: Path = Path()) -> Specification:
    """Read a specification that is a dictionary already.

    Args:
        document: with the keys of the TOML form.
        find: from the name of a computation to it.
        base: folder that names of data files are relative to.

    Raises:
        InputError: if a key or a parameter is unknown, a value is not allowed, or there is no cell.
    """
    only_keys("a specification", document, KEYS)
    name = table_at(document, "computation", ("name",)).get("name")
    if name is None:
        raise InputError("a specification must have [computation] with the key 'name'")
    computation = find(text_of("[computation] name", name))
    _refuse_taken_names(computation)
    space = _space(computation, document)
    if (count := math.prod(space.shape)) > MOST_CELLS:
        raise InputError(f"a study has at most {MOST_CELLS} cells, got {count}")
    named = _named(space, computation, base)
    return Specification(
        computation,
        _with_paths(space, named),
        read_limits(document),
        read_judging(document, computation.columns),
        text_of("title", document.get("title", "")),
        read_figure(document, computation),
        dict(table_at(document, "sample")),
        _stand_ins(named),
        code_version(computation.compute),
    )


def _refuse_taken_names(computation: Computation) -> None:
    inner = {axis for axes in computation.axes.values() for axis in axes}
    names = [*OWN_COLUMNS, *computation.parameters, *computation.columns, *computation.axes, *inner]
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        raise InputError(
            f"computation {computation.name!r} has two columns called {twice!r}, or takes one of the table"
        )


def _space(computation: Computation, document: Mapping[str, Any]) -> Space:
    tables = {name: table_at(document, name) for name in ("fixed", "grid", "sample")}
    sampled = {name: None for name in tables["sample"] if name not in ("count", "method", "seed")}
    _refuse_unknown(computation, {**tables, "sample": sampled})
    if "grid" in document and not tables["grid"]:
        raise InputError("[grid] is empty: it must have at least one parameter")
    known = computation.parameters
    axes = {name: grid_values(known[name], name, given) for name, given in tables["grid"].items()}
    samples = sample_points(known, tables["sample"]) if "sample" in document else ()
    fixed = {
        name: settled(parameter, f"[fixed] {name}", tables["fixed"][name])
        if name in tables["fixed"]
        else parameter.default
        for name, parameter in known.items()
        if name not in axes and name not in sampled
    }
    return Space(fixed, axes, samples, _seeds(document.get("seeds", [0])))


def _refuse_unknown(computation: Computation, tables: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse parameters that are not known, or are in two tables.

    Raises:
        InputError: if there is one.
    """
    seen: dict[str, str] = {}
    for table, names in tables.items():
        for name in names:
            if name not in computation.parameters:
                known = ", ".join(computation.parameters) or "none"
                raise InputError(f"[{table}]: {computation.name} has no parameter {name!r}; known: {known}")
            if name in seen:
                raise InputError(f"{name} is in [{seen[name]}] and in [{table}]: it must be in one of them")
            seen[name] = table


def _seeds(given: Any) -> tuple[int, ...]:
    counted = is_number(given) and given == int(given)
    seeds = range(int(given)) if counted and 1 <= given <= MOST_CELLS else given
    if isinstance(seeds, bool | str) or not isinstance(seeds, list | tuple | range) or not seeds:
        raise InputError(f"seeds must be a number from 1 to {MOST_CELLS} or a list of seeds, got {given!r}")
    if any(not is_number(seed) or seed != int(seed) or not 0 <= seed <= _MOST_SEED for seed in seeds):
        raise InputError(f"seeds must be whole numbers from 0 to {_MOST_SEED}, got {given!r}")
    if len(set(seeds)) < len(seeds):
        raise InputError(f"seeds must be different from each other, got {given!r}")
    return tuple(int(seed) for seed in seeds)


def _named(space: Space, computation: Computation, base: Path) -> dict[str, dict[Any, Named]]:
    """What the values of parameters name, by parameter and value.

    Raises:
        InputError: if a file cannot be read, or two values name the same: their cells would be one.
    """
    found: dict[str, dict[Any, Named]] = {}
    for name, find in computation.files.items():
        values = dict.fromkeys([*space.axes.get(name, ()), *(point.get(name) for point in space.samples)])
        given = [value for value in (space.fixed.get(name), *values) if value is not None]
        all_named = [(value, named) for value in given if (named := find(value, base)) is not None]
        found[name] = dict(all_named)
        contents = [named.content for named in found[name].values()]
        for k, (value, named) in enumerate(found[name].items()):
            if (first := contents.index(named.content)) < k:
                raise InputError(f"{name}: {list(found[name])[first]!r} and {value!r} hold the same: keep one of them")
    return found


def _with_paths(space: Space, named: Mapping[str, Mapping[Any, Named]]) -> Space:
    """The same with names of files that are found from everywhere."""

    def found(name: str, value: Any) -> Any:
        at = named[name].get(value) if name in named else None
        return value if at is None else at.value

    return Space(
        {name: found(name, value) for name, value in space.fixed.items()},
        {name: tuple(found(name, value) for value in values) for name, values in space.axes.items()},
        tuple({name: found(name, value) for name, value in point.items()} for point in space.samples),
        space.seeds,
    )


def _stand_ins(named: Mapping[str, Mapping[Any, Named]]) -> dict[tuple[str, str], str]:
    """What stands for a value in an address, by parameter and value."""
    return {(name, json.dumps(one.value)): one.content for name, all_ in named.items() for one in all_.values()}
