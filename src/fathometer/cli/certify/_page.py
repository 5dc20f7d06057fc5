"""The page and the card beside a certificate, and the learning curve on them."""

from pathlib import Path
from typing import Any

from fathometer.cli.certify._certified import Deployable
from fathometer.generalization import read_saved
from fathometer.generalization.certificates._page import certificate_page, curve_note, drawn_curve
from fathometer.generalization.figures.learning_curve import learning_curve
from fathometer.generalization.learning.predictors import CurvePoint, PredictorCertificate
from fathometer.report import CardDetails, model_card, write_certificate_page, write_json, write_text

FILE = "curve.json"


def write_pages(
    certificate: Deployable, save: Path | None, card: Path | None, curve: tuple[CurvePoint, ...] = ()
) -> None:
    """Write page and card.

    Args:
        certificate: as it was written.
        save: of the certificate; the page lies beside it; None writes none.
        card: of the model card; None writes none.
        curve: its points; empty for none.
    """
    told: dict[str, Any] = {"curve": drawn_curve(curve, certificate.overfitting) if curve else None}
    if save is not None:
        saved = read_saved(save)
        told |= {"signature": saved.signature, "untouched": saved.untouched}
    page = certificate_page(certificate, **told)
    if save is not None:
        write_certificate_page(save.with_suffix(".html"), page)
    if card is not None:
        write_text(card, model_card(page, _details(certificate)))


def write_curve(curve: tuple[CurvePoint, ...], certificate: Deployable, out: Path) -> Path:
    """Write the points as JSON, and the drawing with its numbers; its path comes back.

    Args:
        curve: its points.
        certificate: of the deployed predictor.
        out: folder.
    """
    write_json(out / FILE, {"curve": [point.to_json() for point in curve], "note": curve_note(curve)})
    drawn = drawn_curve(curve, certificate.overfitting)
    figure = learning_curve(drawn.sizes, drawn.risk, drawn.bound, drawn.gap, drawn.training, drawn.majority)
    return figure.write(out, "svg")


def _details(certificate: Deployable) -> CardDetails | None:
    regression = isinstance(certificate, PredictorCertificate) and not certificate.plan.loss.of_classes
    return CardDetails(task="tabular-regression", metric=None) if regression else None
