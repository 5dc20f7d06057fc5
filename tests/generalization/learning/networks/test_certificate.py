"""Networks certified from end to end: accounts, leaks, rechecks, tampering, resumption and refusals."""

import dataclasses
import re
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from tests.forging import at, changed, leaves, with_change

from fathometer.data import equal_rows
from fathometer.evidence import InputError, Status
from fathometer.generalization import (
    evaluate_bound,
    read_certificate,
    recheck,
    save_certificate,
)
from fathometer.generalization.learning.networks import (
    GivenPrior,
    NetworkCertificate,
    NetworkSettings,
    certify_network,
    network_split,
)
from fathometer.generalization.learning.networks._rows import (
    MODEL,
    MODEL_RAMP,
    VARIANTS,
    by_risk,
    network_winner,
    winning_value,
)
from fathometer.generalization.learning.networks._settings import shares_with_prior

DIGITS, IRIS = load_digits(return_X_y=True), load_iris(return_X_y=True)
SMALL = NetworkSettings(hidden=(12,), prior_steps=300, posterior_steps=100, draws=5000, checkpoints=3)
LINEAR = dataclasses.replace(SMALL, hidden=())


@pytest.fixture(scope="module")
def digits() -> NetworkCertificate:
    return certify_network(*DIGITS, settings=SMALL)


@pytest.fixture(scope="module")
def iris() -> NetworkCertificate:
    return certify_network(*IRIS, settings=LINEAR)


@pytest.fixture(params=["digits", "iris"])
def certificate(request) -> NetworkCertificate:
    return request.getfixturevalue(request.param)


def row(certificate, bound, about="0/1"):
    return next(r for r in certificate.ledger.rows if r.bound == bound and about in r.certifies)


@pytest.mark.slow
def test_the_delta_adds_up_to_what_was_asked_for(certificate):
    ledger = certificate.ledger
    spent = sum(Fraction(r.delta_spent) for r in ledger.rows)
    assert Fraction(0.05) * Fraction(1 - 1e-12) <= spent <= Fraction(0.05)
    for r in ledger.rows:
        inside = Fraction(r.inputs["delta"]) + Fraction(r.terms.get("mc_delta", 0.0))
        shell = int(r.choice.get("shell", 0))
        assert inside * ((shell + 1) * (shell + 2) if r.bound == "smooth_ball" else 1) <= Fraction(r.delta_spent)
        assert inside > 0
        size = "held_out" if r.bound == "test_binomial" else "certificate"
        assert r.inputs.get("m", r.inputs.get("n")) == certificate.ledger.sizes[size]
    assert row(certificate, "occam").inputs["hypotheses"] == 3
    shares = {r.bound: r.delta_spent for r in ledger.rows}
    assert shares.pop("test_binomial") == pytest.approx(0.85 * 0.05)
    for share in shares.values():
        assert share == pytest.approx(0.15 * 0.05 / (len(ledger.rows) - 1))


def test_every_row_can_be_evaluated_again_and_none_is_contradicted(certificate):
    for r in certificate.ledger.rows:
        found = evaluate_bound(r.bound, **r.inputs)
        assert (found.value, found.vacuous) == (r.value, r.vacuous)
        assert r.measured.lower <= r.value
        assert dict(found.terms).items() <= dict(r.terms).items()


def test_the_rows_and_their_order(digits, iris):
    assert [r.bound for r in digits.ledger.rows].count("maurer_seeger") == 2
    assert {r.bound for r in iris.ledger.rows} - {r.bound for r in digits.ledger.rows} == {"smooth_mean"}
    for certificate in (digits, iris):
        rows = certificate.ledger.rows
        other = [r.certifies.split()[0] in ("randomised:", "candidate:") for r in rows]
        assert other == sorted(other)
        assert {r.certifies for r, aside in zip(rows, other, strict=True) if not aside} == {MODEL, MODEL_RAMP}
        assert not rows[0].vacuous
        assert certificate.ledger.winner == rows[0].bound
    assert row(digits, "maurer_seeger").value < 0.5
    assert row(digits, "smooth_ball").vacuous


def test_a_smaller_row_about_another_object_does_not_win(digits):
    rows = digits.ledger.rows
    aside = tuple(dataclasses.replace(r, value=1e-6, vacuous=False) for r in rows if r.certifies.startswith(VARIANTS))
    ours = tuple(r for r in rows if not r.certifies.startswith(VARIANTS))
    assert len(aside) == 4
    assert by_risk([*aside, *ours]) == ours + aside
    assert network_winner(aside + ours) == ours[0].bound
    assert winning_value(aside + ours) == ours[0].value
    assert network_winner(aside) is None
    assert winning_value(aside) is None


def test_the_winner_and_the_question_of_overfitting_are_about_the_mean_network(digits):
    """Errors counted here, by NumPy from the stored posterior mean."""
    x, y = DIGITS
    split = network_split(len(y), SMALL, groups=equal_rows(x))
    scaled = digits.scaling.apply(x)
    hidden, out = (matrix.astype(float) for matrix in digits.posterior.mean)
    scores = np.maximum(scaled @ hidden[:-1] + hidden[-1], 0) @ out[:-1] + out[-1]
    wrong = scores.argmax(axis=1) != y
    training, held_out = split.union("prior", "certificate"), split.part("held_out")
    majority = np.bincount(y[training]).argmax()
    found = digits.overfitting
    assert found.training_risk.value == wrong[training].mean()
    assert found.held_out_risk.value == wrong[held_out].mean()
    assert found.majority_risk.value == np.mean(y[held_out] != majority)
    assert found.certificate == digits.ledger.rows[0].value > found.held_out_risk.value
    assert digits.ledger.rows[0].inputs["errors"] == wrong[held_out].sum()
    assert digits.ledger.test_risk.value == wrong[split.part("test")].mean()
    assert found.gap.lower <= wrong[held_out].mean() - wrong[training].mean() <= found.gap.upper
    assert found.useful
    assert found.baseline == "the majority class"


def test_the_draws_pay_for_themselves(digits):
    gibbs = row(digits, "maurer_seeger")
    assert gibbs.terms["mc_draws"] >= 5000
    assert gibbs.terms["mc_draws"] % digits.ledger.sizes["certificate"] == 0
    assert gibbs.inputs["risk"] > gibbs.terms["mc_mean"]


@pytest.mark.slow
def test_what_each_part_reaches(digits):
    """Labels of one part turned over: the others' certificates do not change."""
    x, y = DIGITS

    def corrupted(part):
        labels = y.copy()
        rows = network_split(len(y), SMALL).part(part)
        labels[rows] = (labels[rows] + 1) % 10
        return certify_network(x, labels, settings=SMALL)

    def values(certificate):
        return {(r.bound, r.certifies): r.value for r in certificate.ledger.rows}

    before = values(digits)
    assert values(corrupted("test")) == before
    changed = values(corrupted("held_out"))
    assert {name for name in before if changed[name] != before[name]} == {("test_binomial", MODEL)}
    found = corrupted("certificate")
    for first, second in zip(found.prior_mean, digits.prior_mean, strict=True):
        np.testing.assert_array_equal(first, second)
    assert found.gamma == digits.gamma
    assert row(found, "maurer_seeger").value > 0.5


def test_a_prior_that_saw_a_certificate_row_is_refused(iris):
    split = network_split(150, LINEAR, groups=equal_rows(IRIS[0]))
    given = GivenPrior(iris.prior_mean, split.part("certificate")[:2])
    first = int(split.part("certificate")[:2].min())
    with pytest.raises(InputError, match=rf"row {first} was seen by the prior and cannot certify it \(2 such rows\)"):
        certify_network(*IRIS, settings=LINEAR, prior=given)
    honest = certify_network(*IRIS, settings=LINEAR, prior=GivenPrior(iris.prior_mean, split.part("prior")))
    assert honest.prior_from == "given, said to have seen 67 rows of the data, none of the certificate part"
    assert row(honest, "occam").inputs["hypotheses"] == 1
    assert recheck(honest, *IRIS).verdict.status is Status.HOLDS
    with pytest.raises(InputError, match=r"the prior must have matrices of shape \[\(5, 3\)\], got \[\(2, 3\)\]"):
        certify_network(*IRIS, settings=LINEAR, prior=GivenPrior((np.zeros((2, 3)),), np.array([], int)))


def test_an_honest_certificate_holds(certificate, tmp_path, request):
    x, y = DIGITS if certificate.data.rows > 150 else IRIS
    save_certificate(tmp_path / "c.json", certificate)
    read, untouched = read_certificate(tmp_path / "c.json")
    assert read == certificate
    found = recheck(read, x, y, untouched)
    assert found.differences == ()
    assert found.verdict.status is Status.HOLDS
    assert len(found.recomputed) == len(certificate.ledger.rows)


UNSEEN = ("prior_steps", "posterior_steps", "batch", "objective", "prior_from", "candidate")
"""How the weights came about, which a recheck takes as it is; the digest of the file guards it."""


@pytest.mark.slow
def test_every_number_of_the_file_is_checked(iris):
    """Every third leaf, one at a time: the recheck fails, or the file cannot be read. The digest guards `UNSEEN`."""
    content, seen = iris.to_json(), 0
    for path in list(leaves(content))[::3]:
        if "provenance" in path or "base64" in path or set(path) & set(UNSEEN) or "shares" in path:
            continue
        tampered = with_change(content, path, changed(at(content, path)))
        try:
            found = recheck(NetworkCertificate.from_json(tampered), *IRIS).verdict
        except (ValueError, TypeError):
            continue
        assert found.status is Status.VIOLATED, path
        seen += 1
    assert seen > 40


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: {"prior_mean": c.posterior.mean}, "recomputed"),
        (lambda c: {"prior_mean": (np.zeros((5, 3), np.float32),)}, "is not the prior mean|recomputed"),
        (lambda c: {"prior_mean": (np.zeros((5, 2), np.float32),)}, r"prior_mean has matrices of shape \[\(5, 2\)\]"),
        (lambda c: {"checkpoint": (np.full((5, 3), np.nan, np.float32),)}, "checkpoint is not finite float32"),
        (lambda c: {"posterior": type(c.posterior).around(c.prior_mean, 0.01)}, "recomputed"),
        (lambda c: {"seed": 1}, "parts|recomputed"),
        (lambda c: {"ledger": dataclasses.replace(c.ledger, rows=c.ledger.rows[1:])}, "the rows are"),
        (lambda c: {"ledger": dataclasses.replace(c.ledger, winner="occam")}, "ledger.winner is occam, recomputed"),
        (lambda c: {"overfitting": dataclasses.replace(c.overfitting, certificate=None)}, "overfitting.certificate is"),
        (lambda c: {"overfitting": dataclasses.replace(c.overfitting, margin=0.1)}, "overfitting.margin is 0.1"),
        (lambda c: {"overfitting": dataclasses.replace(c.overfitting, gap=c.overfitting.held_out_risk)}, "ting.gap."),
        (lambda c: {"ledger": dataclasses.replace(c.ledger, delta_total=0.04)}, "the rows spend more than"),
        (lambda c: {"ledger": dataclasses.replace(c.ledger, delta_total=2.0)}, r"delta_total is 2, not in \(0, 1\)"),
    ],
)
def test_what_was_tampered_with_is_named(iris, change, message):
    found = recheck(dataclasses.replace(iris, **change(iris)), *IRIS).verdict
    assert found.status is Status.VIOLATED
    assert re.search(message, found.explanation), found.explanation
    assert "\n" not in found.explanation


def test_changed_or_reordered_data_are_recognised(iris):
    x, y = IRIS
    for other in ((x + 1e-9, y), (x, np.roll(y, 1)), (x[:149], y[:149])):
        found = recheck(iris, *other).verdict
        assert found.status is Status.VIOLATED
        assert found.explanation.startswith("data.")


def test_an_interrupted_training_goes_on_from_its_last_stage(tmp_path, iris, monkeypatch):
    from fathometer.generalization.learning.networks import _model

    said = []
    honest, calls = _model.train_mean, []

    def killed(*args, **more):
        calls.append(more["first"])
        if len(calls) == 3:
            raise KeyboardInterrupt
        return honest(*args, **more)

    monkeypatch.setattr(_model, "train_mean", killed)
    with pytest.raises(KeyboardInterrupt):
        certify_network(*IRIS, settings=LINEAR, folder=tmp_path, announce=said.append)
    assert said == ["trained: prior 1 of 3", "trained: prior 2 of 3"]
    assert certify_network(*IRIS, settings=LINEAR, folder=tmp_path) == iris
    assert calls == [0, 100, 200, 200]


def test_given_test_rows_are_the_test_part():
    split = network_split(150, LINEAR, seed=3, test_rows=30)
    assert split.part("test").tolist() == list(range(120, 150))
    assert sum(split.sizes.values()) == 150
    assert split.sizes["prior"] == 60
    assert shares_with_prior(0.6)["certificate"] == pytest.approx(0.4 / 0.55 * 0.27)


@pytest.mark.slow
def test_random_labels_are_never_certified_below_chance():
    """Each ledger is false with probability at most 0.05: more than 2 of 5 would be a refutation."""
    rng, false = np.random.default_rng(0), 0
    for seed in range(5):
        x, y = rng.normal(size=(150, 4)), rng.integers(0, 3, 150)
        ledger = certify_network(x, y, settings=LINEAR, seed=seed).ledger
        false += any(r.value < 2 / 3 for r in ledger.rows if "0/1" in r.certifies)
    assert false <= 2


def test_perfectly_separable_data_keep_positive_certificates():
    x = np.repeat(np.eye(4)[:3], 50, axis=0)
    names = np.repeat(["a", "b", "c"], 50)
    with pytest.raises(InputError, match=r"at least 60 independent rows, got 3: 150 rows are copies of 3 different"):
        certify_network(x, names, settings=LINEAR)
    ledger = certify_network(x, names, settings=LINEAR, allow_copies=True).ledger
    assert row_value(ledger, "test_binomial") == pytest.approx(1 - (0.85 * 0.05) ** (1 / ledger.sizes["held_out"]))
    assert min(r.value for r in ledger.rows) > 0.01
    assert any("COPIES ALLOWED: 147 rows repeat" in note for note in ledger.notes)


def row_value(ledger, bound):
    return next(r.value for r in ledger.rows if r.bound == bound)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: (x, np.zeros(len(y))), "labels must be of at least two kinds, got 1: 0.0"),
        (lambda x, y: (np.ones_like(x), y), "150 rows are copies of 1 different ones"),
        (lambda x, y: (x, np.where(np.arange(150) == 0, 7, y)), "class '7' has no row among the .* of the prior part"),
        (lambda x, y: (x, np.arange(150.0)), "the target holds 150 different numbers .* regression needs a loss"),
        (lambda x, y: (np.where(x == x[3, 2], np.nan, x), y), "features must be finite, got nan"),
        (lambda x, y: (x, np.where(y == 1, np.nan, 0.0)), "labels has a missing or infinite value in row 51"),
        (lambda x, y: (x[:59], y[:59]), "data must have at least 60 rows and 1 feature"),
        (lambda x, y: (x, y[:-1]), "labels must have shape"),
    ],
)
def test_bad_data_are_refused_in_one_line(change, message):
    x, y = IRIS
    seed = 0
    with pytest.raises(InputError, match=message) as refusal:
        certify_network(*change(x, y), settings=LINEAR, seed=seed)
    assert "\n" not in str(refusal.value)


def test_constant_features_are_refused():
    with pytest.raises(InputError, match="features are constant on the 68 rows of the prior part"):
        certify_network(np.ones_like(IRIS[0]), IRIS[1], settings=LINEAR, allow_copies=True)


def test_bad_numbers_are_refused():
    for delta in (0.0, 1.0, float("nan")):
        asked = "> 0 and < 1" if np.isfinite(delta) else "finite and > 0 and < 1"
        with pytest.raises(InputError, match=f"delta must be {asked}, got {delta}"):
            certify_network(*IRIS, delta=delta)
    with pytest.raises(InputError, match="model must be linear, logistic, mlp or module:factory, got 'forest'"):
        certify_network(*IRIS, model="forest")
    with pytest.raises(InputError, match=r"prior share must be >= 0\.05 and <= 0\.9"):
        shares_with_prior(0.95)
