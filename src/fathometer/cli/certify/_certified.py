"""From the options of `certify` to a certificate."""

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fathometer import generalization
from fathometer.data import MNIST_TARGET, Table, load_table
from fathometer.evidence import InputError
from fathometer.generalization import AnyCertificate
from fathometer.generalization.learning import networks, predictors

OPTIONS = {"hidden": "--hidden", "objective": "--objective", "prior_share": "--prior-share", "steps": "--steps"}


def load_labelled(data: str | None, target: str | None, command: str, group: str | None = None) -> Table:
    """Read features and labels; MNIST and other sets of images have their own target.

    Args:
        data: file or name of a set, as for --data; None if it was not given.
        target: column of the labels; None if it was not given.
        command: its name, for the message.
        group: column of the groups of rows that belong together; None for none.

    Raises:
        InputError: if an option is missing or the table cannot be read.
    """
    if data is not None and target is None and data.startswith(("mnist:", "idx:")):
        target = MNIST_TARGET
    if data is None or target is None:
        raise InputError(f"{command} needs --data and --target")
    table = load_table(data, target, labels=True, group=group)
    if data.startswith("mnist:") and not table.recognised:
        sys.stderr.write(f"{data} is not MNIST, as the digests of its files say: read as any images, as idx:DIR is\n")
    return table


def certified(
    table: Table,
    model: str,
    delta: float,
    seed: int,
    options: Mapping[str, Any],
    out: Path | None,
    allow_copies: bool = False,
) -> AnyCertificate:
    """Train and certify the model that was asked for.

    Args:
        table: features and labels.
        model: linear, mlp or module:factory.
        delta: in (0, 1).
        seed: of every random choice.
        options: of the model, by the names in `OPTIONS`; None where not given.
        out: folder for finished experiments; None for nowhere.
        allow_copies: whether rows may be equal to others.

    Raises:
        InputError: if the model is unknown, an option does not belong to it, or the data do not fit.
    """
    given = {name: value for name, value in options.items() if value is not None}
    common: dict[str, Any] = {"delta": delta, "seed": seed, "groups": table.groups, "allow_copies": allow_copies}
    if ":" in model:
        _refuse(given, model)
        factory = predictors.load_factory(model)
        return predictors.certify_predictor(table.features, table.target, factory, name=model, **common)
    settings = networks.model_settings(model)
    if model == "linear" and not table.test_rows and len(np.unique(table.target)) <= 2:
        _refuse(given, "a linear model of two classes")
        return generalization.linear_certificate(table.features, table.target, **common)
    return networks.certify_network(
        table.features,
        table.target,
        settings=_with(settings, given, model),
        **common,
        test_rows=table.test_rows,
        folder=None if out is None else out / "stages",
        announce=lambda text: sys.stderr.write(f"{text}\n"),
    )


def literature_rows(table: Table) -> tuple[networks.Published, ...]:
    """What others have certified on the same data: MNIST, recognised by its content."""
    return networks.LITERATURE if table.recognised == "mnist" else ()


def _refuse(given: Mapping[str, Any], model: str) -> None:
    if given:
        raise InputError(f"{OPTIONS[next(iter(given))]} belongs to a network; {model} has no such setting")


def _with(settings: networks.NetworkSettings, given: Mapping[str, Any], model: str) -> networks.NetworkSettings:
    changes: dict[str, Any] = {}
    if "hidden" in given:
        if model != "mlp":
            raise InputError(f"--hidden needs --model mlp, got {model}")
        try:
            changes["hidden"] = tuple(int(width) for width in given["hidden"].split(","))
        except ValueError as error:
            raise InputError(f"hidden must be widths such as 300,100, got {given['hidden']!r}") from error
    if "objective" in given:
        changes["objective"] = given["objective"]
    if "prior_share" in given:
        changes["shares"] = networks.shares_with_prior(given["prior_share"])
    if "steps" in given:
        changes |= {"prior_steps": given["steps"], "posterior_steps": max(1, given["steps"] // 2)}
    return dataclasses.replace(settings, **changes)
