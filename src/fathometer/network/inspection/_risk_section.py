"""How wrong can it be? A certificate, as a section of a report."""

from fathometer.evidence import Status, text_confidence, text_up
from fathometer.generalization import LedgerRow
from fathometer.generalization.certificates._page import row_sentence, shown_row, winning_row
from fathometer.generalization.ledger._against_test import against_test
from fathometer.network.certificates import NetworkCertified
from fathometer.report import RiskRows, Section, percent_ends, percent_near, percent_up

TITLE = "How wrong can it be?"


def risk_section(certified: NetworkCertified) -> Section:
    """The section about the risk on new rows.

    Args:
        certified: the certificate.
    """
    ledger, question = certified.ledger, certified.overfitting
    best = winning_row(ledger)
    sizes = ", ".join(f"{size} {part.replace('_', '-')}" for part, size in ledger.sizes.items())
    notes = " ".join(f"{note[0].upper()}{note[1:]}." for note in ledger.notes)
    chart = RiskRows(
        "Certified and measured risk",
        tuple(shown_row(row, row is best) for row in ledger.rows),
        float(question.majority_risk.value),
        f"always predicting {question.baseline}",
        caption=f"Bars: upper bounds that hold all at once with probability {text_confidence(ledger.delta_total)}."
        " Markers: the same risk on rows that only measure, with a 95 % interval.",
    )
    return Section(
        TITLE,
        (_sentence(question.sentence), f"Rows: {sizes}. {notes}", ASSUMED),
        (chart,),
        (("all rows of the ledger", against_test(ledger)),),
        ("row", "certifies", "at most", "", "measured on the test part", "delta spent"),
        tuple(map(_row, ledger.rows)),
        (),
        False,
        row_sentence(best, ledger.delta_total),
    )


ASSUMED = (
    "It is about rows that are drawn like these, independently of the network: nobody can see whether the rows that "
    "count were used to choose the network."
)


def _row(row: LedgerRow) -> tuple[str, ...]:
    return (
        row.bound,
        row.certifies,
        "diverges" if row.value is None else percent_up(row.value),
        str(row.status) if row.status in (Status.VACUOUS, Status.VIOLATED) else "",
        f"{percent_near(float(row.measured.value))}, {percent_ends(row.measured)}",
        text_up(row.delta_spent, 3),
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}." if text else ""
