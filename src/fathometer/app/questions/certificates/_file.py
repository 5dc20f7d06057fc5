"""A saved certificate as a page shows it; its JSON alone is read, never the predictor beside it."""

from pathlib import Path
from typing import Any

from fathometer.evidence import Estimate, InputError
from fathometer.generalization import SavedCertificate, certificate_page, read_saved
from fathometer.generalization.ledger._ledger import LedgerRow
from fathometer.report import RiskRow


def read_document(path: Path) -> dict[str, Any]:
    """Return what a certificate says.

    Args:
        path: of the file that was sent.

    Raises:
        InputError: if it is no certificate.
    """
    try:
        return _document(read_saved(path))
    except InputError as error:
        raise InputError(str(error).replace(str(path), "the file")) from error


def _document(saved: SavedCertificate) -> dict[str, Any]:
    page = certificate_page(saved.certificate, untouched=saved.untouched, signature=saved.signature)
    return {
        "title": page.title,
        "sentence": page.sentence,
        "overfitting": page.overfitting,
        "delta": page.delta,
        "untouched": saved.untouched,
        "alarms": list(page.alarms),
        "sizes": dict(page.sizes),
        "majority": page.majority,
        "held_out_risk": _estimate(page.held_out_risk),
        "rows": [_row(shown, row) for shown, row in zip(page.rows, saved.certificate.ledger.rows, strict=True)],
    }


def _row(shown: RiskRow, row: LedgerRow) -> dict[str, Any]:
    return {
        "bound": shown.bound,
        "certifies": shown.certifies,
        "value": shown.value,
        "delta": shown.delta_spent,
        "status": str(shown.status),
        "wins": shown.wins,
        "measured": _estimate(shown.measured),
        "terms": dict(row.terms),
    }


def _estimate(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    return {name: float(getattr(estimate, name)) for name in ("value", "lower", "upper")}
