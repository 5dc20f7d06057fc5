"""Forged certificates: every value of every kind of file changed in several ways, with the digest made right again."""

import copy
import dataclasses
import json
import time
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fathometer.evidence import Estimate, InputError, Status
from fathometer.generalization import linear_certificate, read_saved, recheck, save_certificate
from fathometer.generalization.certificates._saved import SCHEMAS, content_digest
from fathometer.generalization.learning.networks import GaussianWeights, NetworkSettings, certify_network
from fathometer.generalization.learning.networks._model import train_network
from fathometer.generalization.learning.networks._problem import class_problem
from fathometer.generalization.learning.networks._rows import NetworkRows
from fathometer.generalization.learning.predictors import certify_predictor
from fathometer.generalization.ledger._recheck import inconsistent_rows
from tests.forging import at, leaves, with_change

RNG = np.random.default_rng(7)
X = RNG.normal(size=(90, 2))
Y = (X[:, 0] + 0.5 * RNG.normal(size=90) > 0).astype(int)
QUICK = NetworkSettings(hidden=(), prior_steps=60, posterior_steps=30, draws=300, checkpoints=2)
KINDS = ("linear", "network", "own")


def logistic():
    return LogisticRegression()


@pytest.fixture(scope="module")
def certificates():
    return {
        "linear": linear_certificate(X, Y),
        "network": certify_network(X, Y, settings=QUICK),
        "own": certify_predictor(X, Y, logistic, name="m:logistic"),
    }


def written(tmp_path, kind, content, text=None):
    """A file with that content and its right digest."""
    schema = next(name for name in SCHEMAS if kind.replace("own", "predictor") in name)
    document = {"schema": schema, "digest": content_digest(content), "certificate": content}
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document) if text is None else text)
    return path


def outcome(path, factory=None):
    """HOLDS, VIOLATED, UNDECIDED, or refused; anything else is a defect and is raised."""
    start = time.process_time()
    try:
        saved = read_saved(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = str(recheck(saved.certificate, X, Y, saved.untouched, factory).verdict.status)
    except InputError as error:
        found = "refused" if "\n" not in str(error) and len(str(error)) < 600 else f"refused at length: {error}"
    assert time.process_time() - start < 20
    return found


STATED = (
    "provenance",
    "prior_sigma",
    "prior_steps",
    "posterior_steps",
    "batch",
    "objective",
    "shares",
    "draws",
    "factory",
    "model",
)
"""How a model came about, which a recheck takes as stated; equal numbers of draws, equal widths in float32."""

ASKED = ("margins", "overfitting")
"""Answers, and what is counted from those on the training part, which only the predictor itself can give again."""

WRONG = ("x", "", None, True, [], {}, [1], {"a": 1}, 10**300, -(10**300), 1e308)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_of_another_type_never_passes(certificates, kind, tmp_path):
    """Each leaf in turn gets one of the wrong values, all of which come round."""
    content = certificates[kind].to_json()
    for k, path in enumerate(p for p in leaves(content) if not (isinstance(p[-1], int) and p[-1] > 3)):
        value = at(content, path)
        for wrong in (WRONG[k % len(WRONG)], WRONG[(5 * k + 3) % len(WRONG)]):
            if (type(wrong) is type(value) and isinstance(wrong, str | bool)) or wrong == value:
                continue
            if isinstance(value, float | int) and isinstance(wrong, float | int) and set(path) & set(STATED):
                continue
            factory = logistic if kind == "own" and path[0] in ASKED else None
            found = outcome(written(tmp_path, kind, with_change(content, path, wrong)), factory)
            assert found in ("VIOLATED", "refused"), (path, wrong)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_number_never_passes(certificates, kind, tmp_path):
    """By 9e-10 of itself, which used to pass, or by one."""
    content = certificates[kind].to_json()
    tried = 0
    for path in list(leaves(content))[:: 1 if kind == "own" else 2]:
        value = at(content, path)
        stated = set(path) & set(STATED) or "candidates" in path or "confidence" in path
        if isinstance(value, bool) or not isinstance(value, float | int) or stated:
            continue
        if isinstance(path[-1], int) and path[-1] > 3:
            continue
        new = value + 1 if isinstance(value, int) else value * (1 - 9e-10) if value else 1e-9
        factory = logistic if kind == "own" and path[0] in ASKED else None
        found = outcome(written(tmp_path, kind, with_change(content, path, new)), factory)
        assert found in ("VIOLATED", "refused"), (path, value, new)
        tried += 1
    assert tried > 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_or_an_unknown_key_is_refused(certificates, kind, tmp_path):
    content = certificates[kind].to_json()
    objects = {
        path[:k] for path in leaves(content) for k in range(len(path)) if isinstance(at(content, path[:k]), dict)
    }
    for path in sorted(objects, key=str)[::3]:
        more = copy.deepcopy(content)
        at(more, path)["surplus"] = 1.5
        assert outcome(written(tmp_path, kind, more)) in ("VIOLATED", "refused") or "provenance" in path, path
        for name in at(content, path):
            less = copy.deepcopy(content)
            del at(less, path)[name]
            stated = "provenance" in path or name == "provenance"
            assert outcome(written(tmp_path, kind, less)) in ("VIOLATED", "refused") or stated, (path, name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace('"delta_total": 0.05', '"delta_total": NaN'), "it holds NaN, which is no number"),
        (lambda t: t.replace('"delta_total": 0.05', '"delta_total": -Infinity'), "it holds -Infinity"),
        (lambda t: t.replace('"delta_total": 0.05', '"delta_total": 1e999'), "delta_total must be a finite number"),
        (lambda t: t.replace('"seed": 0', '"seed": 0, "seed": 1', 1), "the key 'seed' stands there twice"),
        (lambda t: t.replace('"seed": 0', '"seed": ' + "9" * 5000, 1), "is not a JSON file"),
        (lambda t: t.replace('"seed": 0', '"seed": 1' + "0" * 300, 1), "seed must be a whole number up to 2"),
        (lambda t: "[" * 100_000 + "]" * 100_000, "is not a JSON file: nested too deeply"),
        (lambda t: "[" * 60 + "]" * 60, "is not a JSON file: nested too deeply"),
        (lambda t: t[:-1] + ', "signature": 5}', "signature must have the keys"),
        (lambda t: t[:-1] + ', "trust": "me"}', "there is no key 'trust'"),
        (
            lambda t: t.replace("certificate/2", "certificate/1"),
            "linear_certificate/1, which an older version wrote: certify again, to fathometer.linear_certificate/2",
        ),
    ],
)
def test_files_that_are_no_certificates(certificates, tmp_path, change, message):
    save_certificate(tmp_path / "c.json", certificates["linear"])
    text = json.dumps(json.loads((tmp_path / "c.json").read_text()))
    (tmp_path / "c.json").write_text(change(text))
    with pytest.raises(InputError, match=message) as refusal:
        read_saved(tmp_path / "c.json")
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 400


def test_numbers_that_would_never_end_are_refused(certificates, tmp_path):
    content = certificates["network"].to_json()
    for name in ("draws", "prior_steps", "posterior_steps", "batch", "checkpoints"):
        content["settings"][name] = 10**15
        assert outcome(written(tmp_path, "network", content)) == "refused"
        content = certificates["network"].to_json()


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("saw",), [1]),
        (("saw",), {"dtype": "int64", "shape": [1], "base64": "//////////8="}),
        (("saw",), {"dtype": "int64", "shape": [0], "base64": ""}),
        (("competitors", 0, "weight"), 1e308),
        (("competitors", 0, "total"), 2.5),
        (("competitors", 0, "training"), 0.5),
    ],
)
def test_leaves_that_cannot_be_are_held_before_anything_is_computed_from_them(certificates, path, wrong, tmp_path):
    content = with_change(certificates["own"].to_json(), path, wrong)
    assert outcome(written(tmp_path, "own", content)) in ("VIOLATED", "refused")


def test_small_terms_are_held_relatively(certificates):
    honest = certificates["own"].ledger
    (row,) = [row for row in honest.rows if row.bound == "chain_gauss"]
    forged = dataclasses.replace(row, terms=dict(row.terms) | {"transport": row.terms["transport"] * (1 - 9e-10)})
    assert inconsistent_rows(honest) == []
    (difference,) = inconsistent_rows(dataclasses.replace(honest, rows=(forged,)))
    assert difference.startswith("ledger.rows.chain_gauss.terms.transport is ")


def test_another_fit_gives_the_training_risk_again(certificates):
    honest = certificates["own"]
    better = dataclasses.replace(honest.overfitting, training_risk=Estimate.exact(0.0))
    forged = dataclasses.replace(honest, overfitting=better)
    named = recheck(forged, X, Y, factory=logistic).differences
    assert any(difference.startswith("answers.training_risk.value is 0.0") for difference in named)


@pytest.mark.slow
def test_the_test_part_is_that_of_the_source():
    """A sorted file whose easy end is declared to be the test part: the source knows of no such part."""
    order = np.argsort(-np.abs(X[:, 0]), kind="stable")[::-1]
    x, y = X[order], Y[order]
    found = certify_network(x, y, settings=QUICK, test_rows=20)
    refuted = recheck(found, x, y)
    assert refuted.verdict.status is Status.VIOLATED
    assert refuted.verdict.explanation.startswith("test_rows is 20, recomputed 0")
    assert recheck(found, x, y, test_rows=20).verdict.status is Status.HOLDS
    assert recheck(certify_network(x, y, settings=QUICK), x, y, test_rows=20).verdict.status is Status.VIOLATED


def test_a_posterior_fitted_to_the_held_out_rows_is_seen_by_a_second_training(certificates):
    """Its ledger agrees with itself: only the training tells. Without it, the result says what was not seen."""
    honest = certificates["network"]
    assert recheck(honest, X, Y, retrain=True).verdict.status is Status.HOLDS
    problem = class_problem(X, Y, QUICK, 0, 0)
    model = train_network(problem, QUICK, 0.05, 0)
    held = problem.rows("held_out")
    fit = LogisticRegression(C=1e4).fit(held.x, held.y)
    column = np.concatenate([fit.coef_[0], fit.intercept_])[:, None]
    mean = (np.hstack([-column, column]).astype(np.float32) / 2,)
    forged_model = dataclasses.replace(model, posterior=GaussianWeights(mean, model.posterior.sigma))
    rows = NetworkRows(forged_model)
    ledger = rows.ledger(0.05, honest.ledger.notes[:1])
    posterior, overfitting = forged_model.posterior, rows.overfitting(ledger)
    forged = dataclasses.replace(honest, posterior=posterior, ledger=ledger, overfitting=overfitting)
    blind = recheck(forged, X, Y)
    assert blind.verdict.status is Status.HOLDS
    assert any("trained as said, on their parts alone" in phrase for phrase in blind.unseen)
    assert "not seen: " in blind.verdict.explanation
    seen = recheck(forged, X, Y, retrain=True).verdict
    assert seen.status is Status.VIOLATED
    assert seen.explanation.startswith("posterior.mean is not what the training gives from seed 0")


@pytest.mark.slow
def test_settings_of_the_training_are_seen_by_a_second_training(certificates):
    honest = certificates["network"]
    for change in ({"prior_steps": 62}, {"posterior_steps": 31}, {"batch": 7}, {"objective": "kl"}):
        forged = dataclasses.replace(honest, settings=dataclasses.replace(QUICK, **change))
        assert recheck(forged, X, Y, retrain=True).verdict.status is Status.VIOLATED, change


def test_stored_answers_alone_decide_nothing(certificates):
    found = recheck(certificates["own"], X, Y).verdict
    assert found.status is Status.UNDECIDED
    assert found.explanation.startswith("stored answers only")
    assert recheck(certificates["own"], X, Y, factory=logistic).verdict.status is Status.HOLDS
    with pytest.raises(InputError, match="only a network is trained again"):
        recheck(certificates["own"], X, Y, retrain=True)
    with pytest.raises(InputError, match="only the certificate of a predictor of your own"):
        recheck(certificates["linear"], X, Y, factory=logistic)


def test_what_trained_a_model_is_committed_to(certificates):
    for kind, roles in (("linear", {"prior", "model"}), ("network", {"prior", "posterior"}), ("own", {"training"})):
        honest = certificates[kind]
        assert set(honest.trained_on) == roles
        role = sorted(roles)[0]
        forged = dataclasses.replace(honest, trained_on=dict(honest.trained_on) | {role: "0" * 64})
        factory = logistic if kind == "own" else None
        assert f"trained_on.{role} is 000" in recheck(forged, X, Y, factory=factory).verdict.explanation
