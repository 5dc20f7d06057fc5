"""Rows about the votes of bagged predictors: what they count, when there are none, and how often they hold."""

import dataclasses

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC

from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound
from fathometer.generalization.learning.predictors import Plan, Source, certify_rows, read_rows
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.learning.predictors._recheck import recheck_predictor
from fathometer.generalization.learning.predictors._rows import certifies_deployed
from fathometer.generalization.learning.predictors.rows import _vote
from fathometer.generalization.learning.predictors.rows._vote import AVERAGED, BOUNDS, pairs

X, Y = load_breast_cancer(return_X_y=True)
X, Y = X[:300], Y[:300]


def forest(**options):
    return RandomForestClassifier(**{"n_estimators": 40, "oob_score": True, "random_state": 0} | options)


def certified(factory, x=X, y=Y, groups=None, saw=None, **plan):
    chosen = Plan("m:f", seed=1, **plan)
    return certify_rows(read_rows(x, y, chosen), Source("m:f", factory, saw), chosen, groups=groups)


def vote_rows(found):
    return [row for row in found.certificate.ledger.rows if row.bound in BOUNDS or row.certifies.startswith(AVERAGED)]


@pytest.fixture(scope="module")
def pure():
    return certified(forest)


@pytest.fixture(scope="module")
def soft():
    return certified(lambda: forest(min_samples_leaf=5))


def test_a_wrong_plurality_needs_half_of_the_weight_of_any_number_of_classes():
    rng = np.random.default_rng(0)
    for _ in range(200):
        classes, members = rng.integers(2, 6), rng.integers(1, 8)
        weights, said = rng.dirichlet(np.ones(members)), rng.integers(0, classes, (members, 40))
        truth = rng.integers(0, classes, 40)
        mass = np.array([weights @ (said == k) for k in range(classes)])
        vote, against = mass.argmax(axis=0) != truth, weights @ (said != truth)
        mean, second = against.mean(), (against**2).mean()
        assert vote.mean() <= 2 * mean + 1e-12
        assert vote.mean() <= 4 * second + 1e-12
        if mean < 0.5 - 1e-9:
            assert vote.mean() <= (second - mean**2) / (second - mean + 0.25) + 1e-9


def test_pairs_are_counted_as_one_by_one(monkeypatch):
    monkeypatch.setattr(_vote, "BLOCK", 7)
    rng = np.random.default_rng(1)
    wrong, unseen = rng.random((4, 30)) < 0.4, rng.random((4, 30)) < 0.6
    losses, counts = pairs(wrong, unseen)
    for i in range(4):
        for j in range(4):
            both = unseen[i] & unseen[j]
            assert counts[i, j] == both.sum()
            assert losses[i, j] == (wrong[i] & wrong[j] & both).sum()


def test_a_forest_of_pure_leaves_counts_votes(pure):
    rows = vote_rows(pure)
    assert {row.bound for row in rows} == set(BOUNDS)
    assert {row.certifies for row in rows} == {"0/1 risk of the deployed predictor, by its members' votes"}
    assert all(certifies_deployed(row) for row in rows)
    first, tandem = (next(row for row in rows if row.bound == name) for name in BOUNDS[:2])
    assert 5 < tandem.inputs["m"] < first.inputs["m"] < 0.5 * 180
    assert evaluate_bound("vote_tandem", **tandem.inputs).value == tandem.value
    assert first.measured.value == pure.certificate.ledger.test_risk.value
    assert tandem.inputs["tandem"] < next(r for r in rows if r.bound == "vote_c_bound").inputs["risk"]


def test_another_forest_averages_and_its_rows_say_so(soft):
    rows = vote_rows(soft)
    assert sorted(row.bound for row in rows) == sorted((*BOUNDS, "test_binomial"))
    assert all(row.certifies.startswith("averaged: ") for row in rows)
    assert not any(certifies_deployed(row) for row in rows)
    assert soft.certificate.ledger.winner == "test_binomial"
    held_out = next(row for row in rows if row.bound == "test_binomial")
    said = np.array([tree.predict(X.astype(np.float32)) for tree in soft.predictor.estimators_])
    test = np.array([(said == k).sum(axis=0) for k in (0, 1)]).argmax(axis=0) != Y
    assert held_out.inputs["n"] == soft.certificate.ledger.sizes["held_out"]
    assert 0 < test.mean() < 0.1
    assert "held-out rows" in held_out.certifies


def test_the_errors_out_of_bag_are_those_of_each_tree_on_rows_that_it_has_not_drawn(pure):
    row = next(row for row in vote_rows(pure) if row.bound == "vote_first_order")
    part = drawn_parts(pure.certificate.plan, np.arange(300), Y).part("training")
    risks, counts = [], []
    for tree, drawn in zip(pure.predictor.estimators_, pure.predictor.estimators_samples_, strict=True):
        out = part[np.setdiff1d(np.arange(part.size), drawn)]
        risks.append(np.mean(tree.predict(X[out].astype(np.float32)) != Y[out]))
        counts.append(out.size)
    assert row.inputs["m"] == min(counts)
    assert row.inputs["risk"] == pytest.approx(np.mean(risks), rel=1e-12)
    assert row.inputs["risk"] >= np.mean(risks)


@pytest.mark.parametrize(
    "factory",
    [
        lambda: forest(oob_score=False),
        lambda: forest(oob_score=False, bootstrap=False),
        lambda: forest(class_weight="balanced"),
        lambda: make_pipeline(StandardScaler(), forest()),
        lambda: BaggingClassifier(LinearSVC(), 40, oob_score=True, random_state=0),
    ],
)
def test_members_that_saw_more_than_their_rows_have_no_row(factory):
    assert vote_rows(certified(factory)) == []


@pytest.mark.parametrize(
    "factory",
    [
        lambda: make_pipeline(FunctionTransformer(), forest(min_samples_leaf=5)),
        lambda: BaggingClassifier(LinearDiscriminantAnalysis(), 40, oob_score=True, random_state=0),
        lambda: BaggingClassifier(n_estimators=40, max_features=0.5, oob_score=True, random_state=0),
    ],
)
def test_other_votes_by_bagging(factory):
    found = certified(factory)
    assert len(vote_rows(found)) >= 3
    assert recheck_predictor(found.certificate, X, Y, predictor=found.predictor).differences == ()


def test_rows_are_refused_where_they_do_not_apply():
    with pytest.raises(InputError, match="row 'vote' does not apply"):
        certified(lambda: forest(class_weight="balanced"), rows=("held_out", "vote"))
    assert vote_rows(certified(forest, stratified=True)) == []


def test_scores_that_do_not_come_out_again_are_no_ground():
    class Other(RandomForestClassifier):
        def fit(self, X, y):
            super().fit(X, y)
            self.oob_decision_function_ = self.oob_decision_function_[::-1]
            return self

    assert vote_rows(certified(lambda: Other(40, oob_score=True, random_state=0))) == []


def test_groups_are_counted_if_all_are_as_large():
    twice, labels = np.repeat(X[:150], 2, axis=0), np.repeat(Y[:150], 2)
    found = certified(lambda: forest(max_samples=0.3), twice, labels)
    rows = {row.bound: row for row in vote_rows(found)}
    assert rows["vote_first_order"].inputs["m"] < 90 * 0.7
    assert recheck_predictor(found.certificate, twice, labels, predictor=found.predictor).differences == ()
    assert vote_rows(certified(lambda: forest(max_samples=0.3), twice[1:], labels[1:])) == []


def test_large_votes_are_left_out_unless_asked_for(monkeypatch):
    monkeypatch.setattr(_vote, "MOST", 100)
    assert vote_rows(certified(forest)) == []
    assert len(vote_rows(certified(forest, rows=("held_out", "vote")))) == 3


def test_every_candidate_could_have_been_the_vote(pure):
    account = [row.delta_spent for row in vote_rows(pure)]
    assert [row.inputs["delta"] for row in vote_rows(pure)] == account


def test_a_recheck_asks_the_members(pure):
    whole = recheck_predictor(pure.certificate, X, Y, predictor=pure.predictor)
    assert whole.verdict.status is Status.HOLDS
    assert "what the predictor holds" not in " ".join(whole.unseen)
    blind = recheck_predictor(pure.certificate, X, Y)
    assert blind.verdict.status is Status.UNDECIDED
    assert "from which" in blind.unseen[-1]
    assert "vote_tandem" in blind.unseen[-1]


def test_forged_numbers_are_caught(soft):
    names = (*BOUNDS, "test_binomial")
    forged = _with(soft.certificate, lambda inputs: inputs | _less(inputs))
    again = recheck_predictor(forged, X, Y, predictor=soft.predictor)
    assert again.verdict.status is Status.VIOLATED
    assert all(any(name in difference for difference in again.differences) for name in names)
    assert recheck_predictor(forged, X, Y, factory=lambda: forest(min_samples_leaf=5)).differences
    assert recheck_predictor(forged, X, Y).verdict.status is Status.UNDECIDED
    spent = _with(soft.certificate, lambda inputs: inputs | {"delta": 0.04})
    assert len([d for d in recheck_predictor(spent, X, Y).differences if "inputs.delta" in d]) == len(names)


def _less(inputs):
    names = [name for name in ("risk", "tandem", "errors") if name in inputs]
    return {names[-1]: 0}


def _with(certificate, change):
    rows = []
    for row in certificate.ledger.rows:
        if row.certifies.startswith(AVERAGED):
            inputs = change(dict(row.inputs))
            value = evaluate_bound(row.bound, **inputs)
            row = dataclasses.replace(row, inputs=inputs, value=value.value, vacuous=value.vacuous, terms=value.terms)
        rows.append(row)
    return dataclasses.replace(certificate, ledger=dataclasses.replace(certificate.ledger, rows=tuple(rows)))


def draw(rng, rows, noise):
    """Types of rows with three classes; the law of a type is known."""
    kinds = rng.integers(0, 40, rows)
    flipped = rng.random(rows) < noise
    return kinds, np.where(flipped, rng.integers(0, 3, rows), kinds % 3)


@pytest.mark.slow
def test_the_bounds_hold_for_the_vote_of_a_forest_and_not_where_members_saw_the_rows():
    rng, delta, failures, leaks = np.random.default_rng(5), 0.1, np.zeros(3), np.zeros(3)
    spots = rng.normal(size=(40, 3))
    for seed in range(300):
        vote, wrong = fitted(rng, spots, 0.5, seed)
        unseen = np.array([~np.isin(np.arange(250), drawn) for drawn in vote.estimators_samples_])
        values = [evaluate_bound(name, **known, delta=delta).value for name, known in _measured(*pairs(wrong, unseen))]
        failures += np.array(values) < _true_risk(vote, rng, spots)
        _, wrong = fitted(rng, spots, 1.0, seed)
        seen = [
            evaluate_bound(name, **known, delta=delta).value
            for name, known in _measured(*pairs(wrong, np.ones_like(unseen)))
        ]
        leaks += np.array(seen) < 2 / 3
    assert np.all(failures <= 300 * delta)
    assert np.all(leaks[1:] > 90)


def fitted(rng, spots, noise, seed):
    """A small forest and its errors on the rows that it was fitted on."""
    kinds, y = draw(rng, 250, noise)
    x = spots[kinds] + 1e-6 * rng.normal(size=(250, 3))
    vote = RandomForestClassifier(9, random_state=seed).fit(x, y)
    return vote, np.array([tree.predict(x) != y for tree in vote.estimators_])


def _measured(losses, counts):
    risk, tandem = float(np.mean(np.diag(losses) / np.diag(counts))), float(np.mean(losses / counts))
    alone, together = int(np.diag(counts).min()), int(counts.min())
    yield "vote_first_order", {"risk": risk, "m": alone, "kl": 0.0}
    yield "vote_tandem", {"tandem": tandem, "m": together, "kl": 0.0}
    yield "vote_c_bound", {"risk": risk, "tandem": tandem, "m": together, "kl": 0.0}


def _true_risk(vote, rng, spots):
    """On 2000 new rows whose three labels are known in law."""
    kinds = np.repeat(np.arange(40), 50)
    x = spots[kinds] + 1e-6 * rng.normal(size=(2000, 3))
    said = np.array([tree.predict(x) for tree in vote.estimators_]).astype(int)
    winner = np.array([(said == k).sum(axis=0) for k in range(3)]).argmax(axis=0)
    return float(np.mean(np.where(winner == kinds % 3, 1 / 3, 5 / 6)))
