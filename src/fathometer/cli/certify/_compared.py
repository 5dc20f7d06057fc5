"""Two certificates from their files, and the rows on which their predictors are compared."""

from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from fathometer.cli._finish import finish
from fathometer.cli._of_input import reading
from fathometer.cli.certify._certified import announce, load_again, load_labelled
from fathometer.cli.certify._predicted import trained
from fathometer.data import MNIST_TARGET, Features, Table, load_features
from fathometer.evidence import Estimate, InputError, Provenance, Status, Verdict, finite_number, text_near
from fathometer.generalization import Certificate, read_saved
from fathometer.generalization.certificates._compared import (
    Given,
    compare_on_new,
    compare_on_table,
    loss_of,
    require_one_loss,
)
from fathometer.generalization.ledger._comparison import Comparison
from fathometer.report import print_rows


def compared(
    files: tuple[Path, Path],
    data: str | None,
    new: str | None,
    target: str | None,
    group: str | None,
    delta: float,
    margin: float,
    trust: bool,
    *,
    as_json: bool,
    seed: int,
    out: Path | None,
) -> int:
    """Read both certificates and the rows, compare, and return the exit code.

    Args:
        files: of the certificates.
        data: the table that both were made from; None for new rows.
        new: rows that neither has seen; None for that table.
        target: column of the target.
        group: column of the groups; None for none.
        delta: probability that any interval of the comparison fails.
        margin: largest difference that counts as none.
        trust: whether joblib files may run their code.
        as_json: whether to print JSON.
        seed: of the draw of one row of each group.
        out: folder for the result; None for none.

    Raises:
        InputError: if neither or both kinds of rows are given, or anything cannot be read.
    """
    if (data is None) == (new is None):
        raise InputError("compare needs either --data, the table of both certificates, or --new, rows of neither")
    finite_number("margin", margin, at_least=0)
    first, second = (load_trusted(file, trust) for file in files)
    names = _names(files)
    require_one_loss(first, second, names)
    options: dict[str, Any] = {"names": names, "seed": seed}
    if new is not None:
        given = [_new(one, new, target, group) for one in (first, second)]
        rows = (_given(first, given[0]), _given(second, given[1]))
        comparison = compare_on_new(first, second, rows, delta, groups=given[0].groups, **options)
        for one, name, each in zip((first, second), names, rows, strict=True):
            _warn(one, name, each)
    else:
        table = _table(first, second, data, target, group)
        options |= {"groups": table.groups, "test_rows": table.test_rows}
        comparison = compare_on_table(first, second, _given(first, table, second), delta, **options)
    rows_compared = comparison.wins + comparison.ties + comparison.losses
    document = comparison.to_json() | {
        "better": comparison.better,
        "rows": rows_compared,
        "rows_from": "data" if new is None else "new",
        "certificates": [str(file) for file in files],
        "loss": loss_of(first.record).to_json(),
        "margin": margin,
        "provenance": Provenance.here(seed).to_json(),
    }
    where = "rows of the table that fitted neither" if new is None else "new rows"
    return finish(
        "certify-compare",
        document,
        [(" against ".join(names), judged(comparison, margin))],
        as_json=as_json,
        out=out,
        show=partial(_show, comparison),
        last=f"{comparison.sentence}, on {rows_compared} {where}",
    )


def _warn(certificate: Certificate, name: str, given: Given) -> None:
    """Say that some of the new rows are training rows, where that can be seen."""
    kept = getattr(certificate.record, "reference", None)
    if kept is None or not (certificate.path.parent / Path(kept.name).name).is_file():
        return
    if count := int(certificate.trained_on(given.features).sum()):
        announce(f"{name}: {trained(count, len(given.features))}")


def judged(comparison: Comparison, margin: float) -> Verdict:
    """HOLDS where one is better for sure or no difference above the margin can be hidden, else UNDECIDED.

    Args:
        comparison: of two predictors.
        margin: at least 0, in units of the loss.
    """
    difference = comparison.difference
    largest = max(-float(difference.lower), float(difference.upper))
    if comparison.better is not None:
        apart = max(float(difference.lower), -float(difference.upper))
        return Verdict(Status.HOLDS, apart, comparison.sentence, "compare", measured=difference)
    status = Status.HOLDS if largest <= margin else Status.UNDECIDED
    more = "" if status is Status.HOLDS else f": too few rows to say more at the margin of {text_near(margin)}"
    return Verdict(status, margin - largest, comparison.sentence + more, "compare", measured=difference)


def load_trusted(file: Path, trust: bool) -> Certificate:
    """Read a certificate with its predictor; one in a joblib file only where it is trusted.

    Args:
        file: of the certificate.
        trust: whether a joblib file may run its code.

    Raises:
        InputError: if it is not trusted, or cannot be read.
    """
    with reading(file):
        named = getattr(read_saved(file).certificate, "predictor", None)
        if named is not None and named.form != "skops" and not trust:
            raise InputError(
                f"{named.name} is a {named.form} file, and reading one runs code that it brings along: give --trust if "
                f"you trust whoever wrote {file}"
            )
        return Certificate.load(file)


def _names(files: tuple[Path, Path]) -> tuple[str, str]:
    """Short names that differ."""
    first, second = (file.stem for file in files)
    return (first, second) if first != second else (str(files[0]), str(files[1]))


def _table(first: Certificate, second: Certificate, data: str | None, target: str | None, group: str | None) -> Any:
    encoding = first.encoding or second.encoding
    table = load_again(data, target, "compare", group, encoding, first.of_classes)
    if isinstance(table, Features) and table.target is None:
        raise InputError(f"there is no column {target!r} with values in {data}: a comparison needs the target")
    return table


def _new(certificate: Certificate, new: str, target: str | None, group: str | None) -> Table | Features:
    """New rows as one of the predictors reads them.

    Raises:
        InputError: if they cannot be read, or have no target.
    """
    encoding = certificate.encoding
    if encoding is None:
        return load_labelled(new, target, "compare", group, certificate.of_classes)
    named = MNIST_TARGET if target is None and new.startswith(("mnist:", "idx:")) else target
    table = load_features(new, encoding, named, group, labels=certificate.of_classes)
    if table.target is None:
        raise InputError(f"there is no column {target!r} with values in {new}: a comparison needs the target")
    if group is not None and table.groups is None:
        raise InputError(f"there is no column {group!r} in {new} to group by")
    for note in table.notes:
        announce(note)
    return table


def _given(certificate: Certificate, table: Table | Features, other: Certificate | None = None) -> Given:
    assert table.target is not None
    framed = certificate.framed or (other is not None and other.framed)
    return Given(table.features, table.target, table.frame() if framed else None)


def _show(comparison: Comparison, console: Console) -> None:
    first, second = comparison.names
    rows: list[tuple[str, Estimate | None, str]] = [
        (f"risk of {first}", comparison.first_risk, ""),
        (f"risk of {second}", comparison.second_risk, ""),
        (f"risk of {first} minus that of {second}", comparison.difference, ""),
        (f"rows on which {first} has the smaller loss", None, str(comparison.wins)),
        ("rows on which both have the same", None, str(comparison.ties)),
        (f"rows on which {second} has the smaller loss", None, str(comparison.losses)),
    ]
    if comparison.p_value is not None:
        rows.append(("p-value of equal risks (McNemar, exact)", None, text_near(comparison.p_value, 4)))
    cells = [(name, text if value is None else value.text(4)) for name, value, text in rows]
    print_rows(("", "value"), cells, console)
