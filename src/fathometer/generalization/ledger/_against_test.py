"""Certificates held against the risks that were measured on the test part."""

from fathometer.evidence import Answer, Check, Status, Verdict, text_up
from fathometer.generalization.ledger._ledger import CONFIDENCE, Ledger


def against_test(ledger: Ledger) -> Verdict:
    """Say whether a certificate lies below the measured risk of the same object, and whether the parts are alike.

    HOLDS if none lies below the lower end of its interval. If one does, VIOLATED where the test part was found to
    differ from the rows that certify, and UNDECIDED where it was not: then it is chance, or a difference that the tests
    do not see.
    """
    checks = () if ledger.alike is None else (_check(ledger),)
    below = [row for row in ledger.rows if row.below_measured]
    if not below:
        sentence = f"no certificate lies below the {CONFIDENCE:.0%} interval of the risk on the test part"
        return Verdict(Status.HOLDS, None, _joined(sentence, ledger), "against_test", checks=checks)
    row = below[0]
    gap = float(row.value or 0) - float(row.measured.lower)
    more = f" (and {len(below) - 1} more)" if len(below) > 1 else ""
    value = text_up(float(row.value or 0), 5)
    sentence = f"{row.bound} is {value}, below the risk of the same object on the test part: {row.measured}{more}"
    status = Status.VIOLATED if ledger.alike is not None and ledger.alike.differ else Status.UNDECIDED
    return Verdict(status, gap, _joined(sentence, ledger), "against_test", checks=checks)


def _check(ledger: Ledger) -> Check:
    assert ledger.alike is not None
    answer = Answer.FAILS if ledger.alike.differ else Answer.HOLDS
    return Check("test part drawn like the rows that certify", answer, None, ledger.alike.sentence)


def _joined(sentence: str, ledger: Ledger) -> str:
    if ledger.alike is None:
        return sentence
    if not ledger.alike.differ:
        return f"{sentence}; {ledger.alike.sentence}"
    return f"{sentence}; {ledger.alike.sentence}: the certificates do not speak about rows like those of the test part"
