"""Certificates held against the risks that were measured on the test part."""

from dataclasses import replace

import numpy as np

from fathometer.evidence import Answer, AtLeast, Check, Estimate, Status, Verdict, judge, text_up
from fathometer.generalization.ledger._ledger import CONFIDENCE, Ledger, LedgerRow

_CHANCE = Check("that it is not chance", Answer.UNDECIDABLE, None, "the tests see no difference of the parts")


def against_test(ledger: Ledger) -> Verdict:
    """Say whether a certificate lies below the measured risk of the same object, and whether the parts are alike.

    HOLDS if none lies below the lower end of its interval. If one does, VIOLATED where the test part was found to
    differ from the rows that certify, and UNDECIDED where it was not: then it is chance, or a difference that the tests
    do not see. The margin is the smallest height of a certificate above that end.
    """
    below = [row for row in ledger.rows if row.status is Status.VIOLATED]
    differ = ledger.alike is not None and ledger.alike.differ
    verdict = judge(AtLeast(0), _heights(ledger), "against_test", (_CHANCE,) if below and not differ else ())
    checks = () if ledger.alike is None else (_check(ledger),)
    return replace(verdict, explanation=_joined(_sentence(below), ledger), checks=checks)


def _heights(ledger: Ledger) -> Estimate:
    """How far each certificate lies above the lower end of the measured risk of the same object."""
    values = np.array([np.inf if row.value is None else row.value for row in ledger.rows])
    return Estimate.exact(values - np.array([row.measured.lower for row in ledger.rows]))


def _sentence(below: list[LedgerRow]) -> str:
    if not below:
        return f"no certificate lies below the {CONFIDENCE:.0%} interval of the risk on the test part"
    row = below[0]
    more = f" (and {len(below) - 1} more)" if len(below) > 1 else ""
    value = text_up(float(row.value or 0), 5)
    return f"{row.bound} is {value}, below the risk of the same object on the test part: {row.measured}{more}"


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
