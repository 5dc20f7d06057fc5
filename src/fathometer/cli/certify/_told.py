"""What `certify` writes and says once the certificate stands."""

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from rich.console import Console

from fathometer.cli._finish import finish
from fathometer.cli.certify._certified import Asked, Deployable, Made, announce, literature_rows
from fathometer.cli.certify._page import curve_note, write_curve, write_pages
from fathometer.data import Table
from fathometer.evidence import Estimate, InputError, Status, text_confidence, text_up
from fathometer.generalization import Ledger, LedgerRow, against_test, save_certificate
from fathometer.generalization.certificates._page import certificate_page
from fathometer.generalization.learning.networks import Published
from fathometer.generalization.learning.predictors import LINEAR_BOUNDS, CurvePoint, PredictorCertificate
from fathometer.generalization.ledger._overfitting import Overfitting
from fathometer.report import Figure, print_rows


class Questioned(Protocol):
    """Whatever has a ledger and says whether its predictor overfits."""

    @property
    def ledger(self) -> Ledger:
        """All rows."""
        ...

    @property
    def overfitting(self) -> Overfitting:
        """Does it overfit, by how much?"""
        ...


OF_DEPLOYED = " of the deployed predictor"
"""Of every row that says nothing else."""


def write_beside(made: Made, save: Path | None, card: Path | None, sign: Path | None) -> Deployable:
    """Write certificate, predictor, page and card; the certificate comes back with the name of its predictor's file.

    Args:
        made: certificate and predictor.
        save: of the certificate; None writes neither it nor what lies beside it.
        card: of the model card; None writes none.
        sign: private key; None signs nothing.
    """
    certificate = made.certificate
    if save is not None:
        certificate = save_certificate(save, certificate, sign, made.predictor, made.reference)
        if made.predictor is not None and getattr(certificate, "predictor", None) is None:
            announce("the predictor cannot be written to a file (is it a function without a name?): predict needs it")
    write_pages(certificate, save, card)
    return certificate


def with_curve(
    made: Made, certificate: Deployable, save: Path | None, card: Path | None, out: Path | None
) -> tuple[CurvePoint, ...]:
    """Draw the learning curve that was asked for, into the page, the card and a folder; empty if none was.

    Args:
        made: with the fits still to be made.
        certificate: as it was written.
        save: of the certificate; None if there is none.
        card: of the model card; None if there is none.
        out: folder for the numbers and the drawing; None for none.
    """
    curve = made.curve()
    if curve:
        write_pages(certificate, save, card, curve)
    if curve and out is not None:
        announce(f"learning curve: {write_curve(curve, certificate, out)}")
    return curve


def tell(
    certificate: Deployable,
    table: Table,
    asked: Asked,
    group: str | None,
    save: Path | None,
    curve: tuple[CurvePoint, ...] = (),
    *,
    as_json: bool,
    out: Path | None,
    figure: Path | None = None,
) -> int:
    """Show the certificate, or print it as JSON, and return the exit code.

    Args:
        certificate: as it was written.
        table: what it speaks about.
        asked: what the user asked for.
        group: column of the groups; None for none.
        save: file of the certificate; None if there is none.
        curve: points of the learning curve; empty for none.
        as_json: whether to print JSON.
        out: folder for the result; None for none.
        figure: file to draw the rows in; None for none.
    """
    ledger, literature = certificate.ledger, literature_rows(table)
    document = ledger.to_json() | {"model": asked.model, "source": table.source, "data": certificate.data.to_json()}
    document["ledger"] = [
        row | {"status": str(kept.status)} for row, kept in zip(document.pop("rows"), ledger.rows, strict=True)
    ]
    document |= {"copies": certificate.copies.to_json(), "group": group}
    document |= {"predictor": {"certified_by": ledger.winner, "file": _file_of(certificate, save)}}
    if isinstance(certificate, PredictorCertificate):
        named = {"deployed": certificate.competitors[certificate.chosen].name}
        document |= named | {"competitors": [each.to_json() for each in certificate.competitors]}
    document |= question_of(certificate)
    document |= {"curve": [point.to_json() for point in curve]} if curve else {}
    document |= {"literature": [row.to_json() for row in literature]} if literature else {}
    return finish(
        "certify",
        document,
        [("test part", against_test(ledger))],
        as_json=as_json,
        out=out,
        show=partial(_show, certificate, literature, curve),
        last=_last(certificate, save),
        figure=figure,
        draw=None if figure is None else partial(_drawn, certificate),
    )


def _drawn(certificate: Deployable) -> Figure:
    """The rows of the ledger beside what was measured; the page in the folder has more.

    Raises:
        InputError: if the certificate has no row.
    """
    page = certificate_page(certificate)
    if page.picture is None:
        raise InputError("this certificate has no row to draw")
    values = [np.nan if row.value is None else row.value for row in page.rows]
    return Figure("certify", (page.picture,), (), {"values": np.array(values)}, title=page.title)


def question_of(certificate: Questioned) -> dict[str, Any]:
    """Does it overfit, by how much?"""
    question = certificate.overfitting
    estimates = {
        name: getattr(question, name).to_json() for name in ("training_risk", "held_out_risk", "majority_risk", "gap")
    }
    return estimates | {"overfitting": {"status": str(question.status), "sentence": question.sentence}}


def _file_of(certificate: Deployable, save: Path | None) -> str | None:
    """Where the predictor is: the file beside the certificate, or for a network the certificate itself."""
    if save is None:
        return None
    if not isinstance(certificate, PredictorCertificate):
        return str(save)
    return None if certificate.predictor is None else str(save.parent / certificate.predictor.name)


def _show(
    certificate: Deployable, literature: Sequence[Published], curve: Sequence[CurvePoint], console: Console
) -> None:
    show_question(certificate, console)
    show_rows(certificate, console)
    if curve:
        _show_curve(curve, console)
    if literature:
        header = ("in the literature", "certificate", "test error", "predictor", "number")
        print_rows(header, [_published(row) for row in literature], console)
    for note in (*_candidate_notes(certificate), *certificate.ledger.notes):
        console.print(f"* {note}", highlight=False)


def _candidate_notes(certificate: Deployable) -> tuple[str, ...]:
    """Which candidate is deployed, where there were several."""
    competitors = getattr(certificate, "competitors", ())
    if not isinstance(certificate, PredictorCertificate) or len(competitors) < 2:
        return ()
    deployed = competitors[certificate.chosen].name
    losses = ", ".join(f"{each.name} {each.total:.5g}" for each in competitors)
    return (
        f"deployed: {deployed}; losses on the held-out rows, the one that cross-validation prefers first: {losses}",
    )


def show_rows(certificate: Questioned, console: Console) -> None:
    """What held-out rows say of the deployed predictor, and then what theorems say that ask for no held-out rows."""
    apart = LINEAR_BOUNDS if getattr(certificate, "linear", None) is not None else ()
    rows = certificate.ledger.rows
    header = ("bound", "value", "", "delta spent", "measured", "certifies")
    print_rows(header, [_cells(row) for row in rows if row.bound not in apart], console)
    if apart:
        header = ("theorem, linear", "value", "", "measured", "certifies")
        print_rows(header, [_short_cells(row) for row in rows if row.bound in apart], console)


def _short_cells(row: LedgerRow) -> tuple[str, ...]:
    """Without what all of these rows have in common."""
    bound, value, mark, _, measured, certifies = _cells(row)
    return bound, value, mark, measured, certifies.partition(" at normalised")[0]


def show_question(certificate: Questioned, console: Console) -> None:
    """The five numbers that a reader asks for first, and what follows from them."""
    question = certificate.overfitting
    numbers: list[tuple[str, Estimate]] = [
        ("training risk", question.training_risk),
        ("held-out risk", question.held_out_risk),
        ("always the same answer", question.majority_risk),
        ("gap", question.gap),
    ]
    rows = [(name, "not known" if np.isnan(value.value) else value.text(4)) for name, value in numbers]
    rows.insert(2, ("certificate", "none" if question.certificate is None else text_up(question.certificate, 5)))
    print_rows(("does it overfit?", "risk"), rows, console)
    console.print(f"{question.sentence}\n", highlight=False, soft_wrap=True)


def _show_curve(curve: Sequence[CurvePoint], console: Console) -> None:
    header = ("training rows", "training risk", "held-out risk", "certificate", "gap", "predictor")
    print_rows(header, [_point(point) for point in curve], console)
    console.print(f"{curve_note(curve)}\n", highlight=False, soft_wrap=True)


def _point(point: CurvePoint) -> tuple[str, ...]:
    risks = (point.training_risk.text(4), point.held_out_risk.text(4), text_up(point.certificate, 5), point.gap.text(4))
    return str(point.m), *risks, point.predictor


def _published(row: Published) -> tuple[str, ...]:
    test = "" if row.test is None else f"{row.test:g}"
    return row.source, text_up(row.certificate), test, row.predictor, row.remark


def _cells(row: LedgerRow) -> tuple[str, ...]:
    value = "diverges" if row.value is None else text_up(row.value, 5)
    mark = str(row.status) if row.status in (Status.VACUOUS, Status.VIOLATED) else ""
    certifies = row.certifies.replace(OF_DEPLOYED, "")
    return row.bound, value, mark, text_up(row.delta_spent, 5), row.measured.text(4), certifies


def _in_units(row: LedgerRow) -> str:
    """The value in the unit that the user knows; empty for a row without one."""
    return "".join(f", {text_up(value, 5)} {name}" for name, value in row.terms.items() if name.startswith("in "))


def _last(certificate: Deployable, save: Path | None) -> str:
    ledger: Ledger = certificate.ledger
    best = next((row for row in ledger.rows if row.bound == ledger.winner), None)
    sure = f"with probability at least {text_confidence(ledger.delta_total)}"
    what = f"every certificate is vacuous ({sure})"
    if best is not None and best.value is not None:
        what = f"{sure}, {best.certifies} is at most {text_up(best.value, 5)}{_in_units(best)} ({best.bound})"
    measured = f"on the test part: {ledger.test_risk}"
    file = _file_of(certificate, save)
    return f"{what}; {measured}" + (
        f"; predict with: fathometer predict {shlex.quote(str(save))} --data F" if file else ""
    )
