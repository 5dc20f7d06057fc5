"""From certificates of every kind to their pages."""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fathometer.evidence import Answer, Estimate, text_up
from fathometer.generalization import Signature, certificate_page, linear_certificate
from fathometer.generalization.certificates._page import drawn_curve, row_sentence, winning_row
from fathometer.generalization.learning.networks import NetworkSettings, certify_network
from fathometer.generalization.learning.predictors import CurvePoint, certify_predictor
from fathometer.generalization.learning.predictors.models._files import PredictorFile
from fathometer.generalization.ledger._drift import Drift
from fathometer.report import model_card, percent_up

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 2))
Y = np.where(X[:, 0] + 0.3 * RNG.normal(size=150) > 0, "<b>yes</b>", "no")
MAKERS = {
    "linear": lambda: linear_certificate(X, Y),
    "network": lambda: certify_network(X, Y, settings=NetworkSettings((), prior_steps=2, posterior_steps=2, draws=150)),
    "predictor": lambda: certify_predictor(X, Y, LogisticRegression, name="mine:make"),
}


@pytest.fixture(scope="module", params=["linear", pytest.param("network", marks=pytest.mark.slow), "predictor"])
def certificate(request):
    return MAKERS[request.param]()


def test_the_page_says_what_the_certificate_says(certificate):
    page = certificate_page(certificate)
    best = winning_row(certificate.ledger)
    assert [row.value for row in page.rows] == [row.value for row in certificate.ledger.rows]
    assert [row.wins for row in page.rows] == [row is best for row in certificate.ledger.rows]
    assert page.certificate == (None if best is None else best.value)
    assert page.data["SHA-256 of the data"] == certificate.data.sha256
    text = page.html()
    assert all(row.value is None or text_up(row.value, 5) in text for row in certificate.ledger.rows)
    assert "<b>yes" not in text + model_card(page)


def test_the_sentence_has_the_number_of_the_winner_rounded_up(certificate):
    best, page = winning_row(certificate.ledger), certificate_page(certificate)
    if best is None:
        assert page.sentence.startswith("No certificate")
    else:
        assert f"at most {percent_up(best.value)} of new rows" in page.sentence


@pytest.fixture(scope="module")
def linear():
    return linear_certificate(X, Y)


@pytest.mark.parametrize(
    ("certifies", "piece"),
    [
        ("0/1 risk of the predictor, at every n at once", "0.9, this predictor errs on at most 20 % of new rows"),
        ("0/1 risk of the best of 5 models", "0.9, the best of 5 models errs on at most 20 %"),
        ("0/1 Gibbs risk of the posterior", "a predictor drawn at random for each row from the posterior errs"),
        (
            "mean absolute loss, cut off at 4 and divided by it, of the deployed predictor",
            "0.9, the mean absolute loss of this predictor, cut off at 4, is at most 20 % of 4 on new rows",
        ),
        ("0/1 risk of the deployed predictor", "0.9, this predictor errs on at most 20 % of new rows"),
        ("randomised: ramp risk, of X", "0.9, at most 20 % on new rows drawn like these: randomised: ramp risk, of X."),
    ],
)
def test_the_sentence_names_what_it_is_about(linear, certifies, piece):
    row = dataclasses.replace(linear.ledger.rows[0], certifies=certifies, value=0.2)
    assert piece in row_sentence(row, 0.1)


@pytest.fixture(scope="module")
def predictor():
    return MAKERS["predictor"]()


def test_the_question_and_the_file_of_a_predictor_are_shown(predictor):
    file = PredictorFile("P.joblib", "joblib", "cd" * 32, 100)
    page = certificate_page(dataclasses.replace(predictor, predictor=file))
    question = predictor.overfitting
    assert (page.overfitting.lower(), page.baseline) == (
        f"{question.sentence}.".lower(),
        "always predicting the majority class",
    )
    assert (page.training_risk, page.gap, page.majority_risk) == (
        question.training_risk,
        question.gap,
        question.majority_risk,
    )
    assert (page.predictor_file, page.predictor_sha256) == ("P.joblib", "cd" * 32)
    assert "fixed from the data, not chosen" in dict(page.origin)["seed"]
    assert page.unseen[0].startswith("Memory")


def test_a_training_risk_that_nobody_knows_is_left_out(predictor):
    nothing = Estimate.exact(np.nan)
    question = dataclasses.replace(predictor.overfitting, training_risk=nothing, gap=nothing)
    page = certificate_page(dataclasses.replace(predictor, overfitting=question))
    assert page.unknown == ("risk on the rows it was trained on", "gap")


def test_candidates_are_a_table(predictor):
    one = predictor.competitors[0]
    two = dataclasses.replace(one, name="<i>forest</i>", training=0.25)
    page = certificate_page(dataclasses.replace(predictor, competitors=(one, two), chosen=1))
    assert certificate_page(predictor).tables == ()
    assert page.tables[0].rows[1][0] == "<i>forest</i> (deployed)"
    assert "&lt;i&gt;forest&lt;/i&gt; (deployed)" in page.html()


def test_rows_about_classes_are_a_table_in_the_order_of_the_classes(predictor):
    row, risk = predictor.ledger.rows[0], Estimate.exact(0.25)
    texts = (
        "miss rate (1 - recall) of class '10' of the deployed predictor",
        "miss rate (1 - recall) of class '9' of the deployed predictor",
        "false share (1 - precision) of class '9' of the deployed predictor",
        'miss rate (1 - recall) of class "it\'s" of the deployed predictor',
    )
    rows = [dataclasses.replace(row, certifies=text, value=0.5, measured=risk) for text in texts]
    ledger = dataclasses.replace(predictor.ledger, rows=(row, *rows))
    table = certificate_page(dataclasses.replace(predictor, ledger=ledger)).per_class
    assert [cells[:3] for cells in table.rows] == [
        ("9", "false share (1 - precision)", "50 %"),
        ("9", "miss rate (1 - recall)", "50 %"),
        ("10", "miss rate (1 - recall)", "50 %"),
        ("it's", "miss rate (1 - recall)", "50 %"),
    ]
    assert certificate_page(predictor).per_class is None


def test_a_curve_says_what_it_claims(predictor):
    risk = Estimate.sampled(0.2, 0.1, 0.4, 0.95)
    points = [CurvePoint(m, "linear", Estimate.exact(0.1), risk, risk, 0.5, 0.025) for m in (20, 80)]
    page = certificate_page(predictor, curve=drawn_curve(points, predictor.overfitting))
    assert "The 2 certificates of the curve hold together with probability 0.95" in page.html()
    assert "each at 95 %" in page.html()
    assert [row[:2] for row in page.curve_table.rows] == [("20", "0.5"), ("80", "0.5")]


@pytest.mark.parametrize("p", [0.5, 1e-9])
def test_drift_is_said(predictor, p):
    found = certificate_page(predictor, drift=Drift(1e-3, p, 0.5, 1.0, "age", False, 0.1, None, (100, 50)))
    assert found.drift.answer is (Answer.HOLDS if p > 1e-3 else Answer.FAILS)
    assert bool(found.alarms) == (p < 1e-3)


def answers(page):
    return {check.hypothesis: check.answer for check in page.checked}


def test_what_was_checked_is_said_and_what_was_not(linear):
    assert answers(certificate_page(linear)) == {
        "test part drawn like the rows that certify": Answer.HOLDS,
        "copies count once": Answer.HOLDS,
        "groups kept whole": Answer.UNDECIDABLE,
        "parts share no row": Answer.HOLDS,
        "predictor is a fixed function of a row": Answer.HOLDS,
        "signature verified": Answer.UNDECIDABLE,
    }
    signed = certificate_page(linear, signature=Signature("k", "s"), verified=False)
    assert answers(signed)["signature verified"] is Answer.FAILS
    assert "signature verified: no" in signed.alarms[0]


def test_parts_that_differ_and_copies_that_count_are_alarms(linear):
    alike = dataclasses.replace(linear.ledger.alike, errors=1e-9)
    ledger = dataclasses.replace(linear.ledger, alike=alike)
    copies = dataclasses.replace(linear.copies, allowed=True, repeated=3, given=True)
    page = certificate_page(dataclasses.replace(linear, ledger=ledger, copies=copies), untouched=False)
    assert len(page.alarms) == 3
    assert "its digest differs" in page.alarms[0]
    assert answers(page)["groups kept whole"] is Answer.HOLDS
    assert answers(page)["copies count once"] is Answer.UNDECIDABLE
    untested = dataclasses.replace(linear, ledger=dataclasses.replace(linear.ledger, alike=None))
    assert answers(certificate_page(untested))["test part drawn like the rows that certify"] is Answer.UNDECIDABLE
