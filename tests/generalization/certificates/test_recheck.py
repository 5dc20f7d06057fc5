"""Certificates that are saved, read, held against the data again, and tampered with."""

import json
import re
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from fathometer.evidence import InputError, Status
from fathometer.generalization import (
    LinearCertificate,
    evaluate_bound,
    linear_certificate,
    read_certificate,
    recheck,
    save_certificate,
)
from fathometer.generalization.certificates._saved import SCHEMAS, content_digest
from fathometer.generalization.learning.linear._certificate import data_digest
from fathometer.generalization.learning.linear._training import STRENGTHS
from fathometer.generalization.ledger import _independent_bounds as independent
from tests.forging import at, changed, leaves, with_change

LINEAR = next(iter(SCHEMAS))
X, Y = load_breast_cancer(return_X_y=True)


@pytest.fixture(scope="module")
def certificate() -> LinearCertificate:
    return linear_certificate(X, Y)


def verdict(content: dict, x=X, y=Y):
    return recheck(LinearCertificate.from_json(content), x, y).verdict


def test_an_honest_certificate_holds(certificate, tmp_path):
    save_certificate(tmp_path / "c.json", certificate)
    read, untouched = read_certificate(tmp_path / "c.json")
    assert read == certificate
    found = recheck(read, X, Y, untouched)
    assert found.verdict.status is Status.HOLDS
    assert found.differences == ()
    assert found.recomputed == pytest.approx({row.bound: row.value for row in certificate.ledger.rows}, rel=1e-11)


@pytest.mark.parametrize("seed", [1, 2])
def test_digits_and_text_labels_hold(seed):
    x, y = load_digits(return_X_y=True)
    labels = np.where(y > 4, "high", "low")
    assert recheck(linear_certificate(x, labels, delta=0.2, seed=seed), x, labels).verdict.status is Status.HOLDS


@pytest.mark.slow
def test_every_number_of_the_file_is_checked(certificate):
    """One leaf at a time, with the digest made right again: the recheck fails, or the file cannot be read."""
    content = certificate.to_json()
    seen = 0
    for path in leaves(content):
        if "provenance" in path or (isinstance(path[-1], int) and path[-1] % 6):
            continue
        try:
            found = verdict(with_change(content, path, changed(at(content, path))))
            assert found.status is Status.VIOLATED, path
        except ValueError:
            assert path[-1] in ("kind", "given") or path[:1] == ("candidates",), path
        seen += 1
    assert seen > 180


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c["ledger"]["rows"][0].update(value=0.01),
            r"ledger.rows.test_binomial.value is 0.01, recomputed 0.043",
        ),
        (lambda c: c.update(weights=c["candidates"][2]), "weights do not solve the logistic regression"),
        (lambda c: c["candidates"].__setitem__(2, c["weights"]), r"candidates\[2\] do not solve"),
        (lambda c: c.update(weights=[0.0] * 31), "weights do not solve"),
        (lambda c: c.update(weights=c["weights"][:-1]), r"weights have shape \(30,\), not \(31,\)"),
        (lambda c: c["candidates"].pop(), r"candidates have shape \(5, 31\), not \(6, 31\)"),
        (lambda c: c.update(gamma=9.0), "gamma is 9.0, recomputed 0.[2-5]"),
        (lambda c: c.update(seed=1), "do not solve"),
        (lambda c: c["ledger"].update(delta_total=0.5), "recomputed"),
        (lambda c: c["ledger"].update(delta_total=0.04), "the rows spend more than delta_total = 0.04"),
        (lambda c: c["ledger"].update(delta_total=1.5), r"delta_total is 1.5, not in \(0, 1\)"),
        (lambda c: c["ledger"]["rows"].pop(), "the rows are .*, not chain_gauss, covering, maurer_seeger"),
        (lambda c: c["ledger"]["rows"][2].update(choice={"sigma": 0.3}), r"choice is {'sigma': 0.3}, which is not in"),
        (lambda c: c["ledger"]["rows"][2].update(choice={}), "which is not in the grid"),
        (
            lambda c: c["ledger"]["rows"][0].update(vacuous=True),
            "ledger.rows.test_binomial.vacuous is True, recomputed False",
        ),
        (lambda c: c["ledger"].update(winner="occam"), "winner is occam, recomputed test_binomial"),
        (lambda c: c["ledger"].update(notes=["trust me"]), "notes is"),
        (lambda c: c["data"].update(rows=570), "data.rows is 570, recomputed 569"),
    ],
)
def test_what_was_tampered_with_is_named(certificate, change, message):
    content = certificate.to_json()
    change(content)
    found = verdict(content)
    assert found.status is Status.VIOLATED
    assert re.search(message, found.explanation), found.explanation
    assert "\n" not in found.explanation


def test_changed_or_reordered_data_are_recognised(certificate):
    flipped, moved = Y.copy(), X.copy()
    flipped[7] = 1 - flipped[7]
    moved[3, 4] = np.nextafter(moved[3, 4], 1)
    order = np.random.default_rng(0).permutation(len(Y))
    for x, y in ((X, flipped), (moved, Y), (X[order], Y[order])):
        found = recheck(certificate, x, y).verdict
        assert found.status is Status.VIOLATED
        assert found.explanation.startswith("data.sha256 is ")
    assert recheck(certificate, X[:500], Y[:500]).verdict.explanation.startswith("data.rows is 569, recomputed 500")
    with pytest.raises(InputError, match="exactly two kinds"):
        recheck(certificate, X, np.zeros(len(Y)))


def test_the_digest_sees_what_numbers_cannot(certificate, tmp_path):
    path = tmp_path / "c.json"
    save_certificate(path, certificate)
    path.write_text(path.read_text().replace('"device": "cpu"', '"device": "abacus"'))
    read, untouched = read_certificate(path)
    assert not untouched
    assert "does not have the digest" in recheck(read, X, Y, untouched).verdict.explanation


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a JSON file"),
        ("{", "is not a JSON file"),
        ("[]", "must be a certificate of schema"),
        ('{"schema": "other/9"}', "must be a certificate of schema .* got 'other/9'"),
        (json.dumps({"schema": LINEAR}), "cannot be read as a certificate"),
        (json.dumps({"schema": LINEAR, "certificate": {"seed": 1}}), "cannot be read as a certificate"),
    ],
)
def test_unreadable_files_are_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as refusal:
        read_certificate(path)
    assert "\n" not in str(refusal.value)
    with pytest.raises(InputError, match="no file"):
        read_certificate(tmp_path / "absent.json")


def test_a_value_of_the_wrong_type_is_refused(certificate, tmp_path):
    content = certificate.to_json()
    content["ledger"]["rows"][0]["value"] = "small"
    document = {"schema": LINEAR, "digest": content_digest(content), "certificate": content}
    (tmp_path / "c.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="cannot be read"):
        read_certificate(tmp_path / "c.json")


def test_equal_numbers_have_equal_digests():
    x = np.arange(6.0).reshape(3, 2)
    assert data_digest(x, np.array([0, 1, 1])) == data_digest(x, np.array([0.0, 1.0, 1.0]))
    assert data_digest(x, np.array([0, 1, 1])) != data_digest(x, np.array([0, 1, 0]))
    assert data_digest(x, np.array([0, 1, 1])) != data_digest(x.reshape(2, 3), np.array([0, 1, 1]))


def test_the_prior_mean_is_the_candidate_that_the_prior_part_chose(certificate):
    assert certificate.strength in STRENGTHS
    content = certificate.to_json() | {"strength": STRENGTHS[4]}
    assert verdict(content).explanation.startswith("strength is 1000.0, recomputed 1.0")


def random_inputs(bound: str, rng: np.random.Generator) -> dict[str, Any]:
    m = int(10 ** rng.uniform(1, 5))
    common = {"risk": rng.random() * rng.choice([1e-3, 1]), "m": m, "delta": 10 ** rng.uniform(-5, -0.5)}
    lipschitz, dim = {"lipschitz": 10 ** rng.uniform(-2, 2)}, {"dim": int(10 ** rng.uniform(0, 4))}
    distance = {"distance": 10 ** rng.uniform(-3, 0)}
    delta, tail = common["delta"], {"errors": int(rng.integers(0, m + 1)), "n": m, "delta": common["delta"]}
    return {
        "test_binomial": {"errors": int(rng.integers(0, m + 1)), "n": m, "delta": common["delta"]},
        "occam_binomial": tail | {"weight": rng.uniform(0.01, 1), "bits": int(rng.choice([0, 8, 800, 3000]))},
        "coinbet": {"losses": rng.uniform(size=min(m, 200)) ** 3, "kl": 10 ** rng.uniform(-2, 1), "delta": delta},
        "supermart_nonneg": common | {"second_moment": 4.0, "kl": 0, "lam": 10 ** rng.uniform(-3, 0)},
        "group_gap": {"hits": [m // 3, 0], "counts": [m, 7], "delta": delta},
        "calibration_error": {"stated": [rng.uniform(), 0.9], "hits": [m // 3, 6], "counts": [m, 7], "delta": delta},
        "test_betting_losses": {"losses": rng.uniform(size=min(m, 200)) ** 3, "delta": delta},
        "simultaneous_binomial": tail | {"cells": int(rng.integers(1, 30))},
        "stratified_kl": {"total": 10 ** rng.uniform(-1, 3), "rows": m, "share": 0.2, "classes": 5, "delta": delta},
        "test_split_binomial": {"values": [0.25, 1.0], "counts": [m // 2, m // 3], "n": m, "delta": delta},
        "split_kl": {"values": [0.25, 1.0], "shares": [0.5, common["risk"] / 2], "kl": 2.0, "m": m, "delta": delta},
        "compression_binomial": {"errors": int(rng.integers(0, m - 4)), "size": 5, "m": m, "delta": delta},
        "compression_kl": common | {"size": int(rng.integers(0, m))},
        "maurer_exact": common | {"kl": 10 ** rng.uniform(-2, 4)},
        "vote_first_order": common | {"kl": 10 ** rng.uniform(-2, 4)},
        "vote_tandem": {"tandem": common["risk"], "kl": 10 ** rng.uniform(-2, 2), "m": m, "delta": delta},
        "vote_c_bound": common | {"tandem": common["risk"] ** 1.5, "kl": 10 ** rng.uniform(-2, 2)},
        "occam": common | {"hypotheses": 5},
        "maurer_seeger": common | {"kl": 10 ** rng.uniform(-2, 4)},
        "w1_route_a": common | lipschitz | distance,
        "risk_transport": common | lipschitz | distance,
        "w1_glm_local": common | lipschitz | distance | {"base_radius": 0.0625},
        "smooth_gauss": common | lipschitz | dim | {"radius": 0.5},
        "smooth_ball": common | lipschitz | dim | {"radius": 0.5, "eps": 10 ** rng.uniform(-4, -0.4)},
        "disint_rivasplata": common | {"log_ratio": rng.normal() * 10 ** rng.uniform(0, 3)},
        "test_kl": {"risk": common["risk"], "n": m, "delta": common["delta"]},
        "test_betting": {"errors": int(rng.integers(0, m + 1)), "n": m, "delta": common["delta"]},
        "rademacher_linear": common | lipschitz | {"radius": 0.5},
        "covering": common | lipschitz | dim | {"radius": 0.5},
        "chain_gauss": common | lipschitz | dim | {"radius": 0.5},
        "output_conversion": common
        | {"kl": 10 ** rng.uniform(-2, 4), "threshold": rng.uniform(0, 4), "hypotheses": 30},
        "smooth_mean": common | lipschitz | dim | {"kl": 10 ** rng.uniform(-2, 4), "sigma": 0.01},
    }[bound]


@pytest.mark.slow
@pytest.mark.parametrize("bound", independent._FORMULAS)
def test_the_two_evaluators_agree(bound):
    rng = np.random.default_rng(11)
    for _ in range(100):
        inputs = random_inputs(bound, rng)
        assert independent.evaluate(bound, inputs) == pytest.approx(evaluate_bound(bound, **inputs).value, rel=1e-11)
