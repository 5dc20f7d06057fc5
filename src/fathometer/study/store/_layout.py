"""What a folder says of its study: enough to read it without the computation."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fathometer.evidence import InputError, Provenance
from fathometer.study._computation import Column
from fathometer.study.spec._judged import Judging, read_judging
from fathometer.study.spec._parameters import Numbers, Parameter, Real, Switch, Whole
from fathometer.study.spec._space import Cells, Space
from fathometer.study.spec._specification import Specification
from fathometer.study.spec._tables import plain

NAME = "study.json"
SCHEMA = 1
KINDS = {"float": float, "int": int, "bool": bool, "str": str}


@dataclass(frozen=True, eq=False)
class Layout:
    """The document of a folder, in JSON values.

    Attributes:
        document: whole.
    """

    document: Mapping[str, Any]

    @property
    def computation(self) -> str:
        """Name of the computation."""
        return self.document["computation"]

    @property
    def title(self) -> str:
        """The title, or the name of the computation."""
        return self.document["specification"]["title"] or self.computation

    @property
    def parameters(self) -> Mapping[str, str]:
        """Kind of each parameter: float, int, bool, str or numbers."""
        return self.document["parameters"]

    @property
    def axes(self) -> Mapping[str, list[str]]:
        """Names of the axes of each array."""
        return self.document["axes"]

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The columns of the computation."""
        return {name: Column(KINDS[one["type"]], one["meaning"]) for name, one in self.document["columns"].items()}

    @cached_property
    def space(self) -> Space:
        """Parameters and seeds; arrays are lists."""
        space, names = self.document["space"], list(self.document["space"]["samples"])
        points = zip(*space["samples"].values(), strict=True)
        samples = tuple(dict(zip(names, point, strict=True)) for point in points)
        axes = {name: tuple(values) for name, values in space["axes"].items()}
        return Space(space["fixed"], axes, samples, tuple(space["seeds"]))

    @cached_property
    def cells(self) -> Cells:
        """The cells, in order."""
        files = {(name, value): digest for name, value, digest in self.document["files"]}
        return Cells(self.space, {"computation": self.computation, "code": self.document["code"]}, files)

    @cached_property
    def judge(self) -> Judging:
        """What counts."""
        return read_judging(self.document["specification"], self.columns)

    @cached_property
    def digest(self) -> str:
        """Of all that a table depends on."""
        keys = ("computation", "code", "parameters", "columns", "axes", "space", "files")
        facts = [self.document[key] for key in keys] + [self.document["specification"].get("judge", {})]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def layout_of(specification: Specification) -> Layout:
    """What the folder of a specification says."""
    space, computation = specification.space, specification.computation
    names = space.samples[0] if space.samples else ()
    document = {
        "schema": SCHEMA,
        "computation": computation.name,
        "summary": computation.summary,
        "code": specification.code,
        "specification": specification.to_json(),
        "parameters": {name: _kind(parameter) for name, parameter in computation.parameters.items()},
        "columns": {n: {"type": c.kind.__name__, "meaning": c.meaning} for n, c in computation.columns.items()},
        "axes": {name: list(axes) for name, axes in computation.axes.items()},
        "space": {
            "fixed": {name: plain(value) for name, value in space.fixed.items()},
            "axes": {name: [plain(value) for value in values] for name, values in space.axes.items()},
            "samples": {name: [plain(point[name]) for point in space.samples] for name in names},
            "seeds": list(space.seeds),
        },
        "files": [[name, value, digest] for (name, value), digest in sorted(specification.files.items())],
        "cells": len(space),
        "provenance": Provenance.here(packages=("fathometer", "numpy", "scipy", "jax")).to_json(),
    }
    return Layout(json.loads(json.dumps(document)))


def read_layout(folder: Path) -> Layout | None:
    """What a folder says; None if it holds no study.

    Raises:
        InputError: if it says it in a way that is not understood.
    """
    try:
        document = json.loads((folder / NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{str(folder / NAME)!r} is not the document of a study: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(f"{str(folder / NAME)!r} is not the document of a study of this version")
    return Layout(document)


def write_layout(folder: Path, layout: Layout) -> None:
    """Write what a folder says."""
    from fathometer.report import write_json  # slow to import

    write_json(folder / NAME, layout.document)


def _kind(parameter: Parameter) -> str:
    kinds = {Real: "float", Whole: "int", Switch: "bool", Numbers: "numbers"}
    return kinds.get(type(parameter), "str")
