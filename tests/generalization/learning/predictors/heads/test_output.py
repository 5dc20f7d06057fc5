"""The conversion through the output: linear classifiers of several classes, and last layers of networks."""

import dataclasses
import json

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from tests.forging import leaves, with_change

from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound, read_saved, recheck
from fathometer.generalization.certificates._saved import SCHEMAS, content_digest
from fathometer.generalization.learning.linear._model import Scaling
from fathometer.generalization.learning.linear._several import (
    SOLVED,
    ClassSample,
    class_direction,
    distance_to_class_solution,
    fit_class_weights,
)
from fathometer.generalization.learning.predictors import Plan, Source, certify_rows, read_rows
from fathometer.generalization.learning.predictors._certificate import chosen_predictor
from fathometer.generalization.learning.predictors._deployed import Competitor
from fathometer.generalization.learning.predictors._fit import Fit
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.learning.predictors._rows import certifies_deployed
from fathometer.generalization.learning.predictors.heads._last_layer import hidden_features, last_layer
from fathometer.generalization.learning.predictors.heads._output_rows import (
    OF_LAST_LAYER,
    OF_LINEAR,
    OUTPUT,
    output_numbers,
)
from fathometer.generalization.learning.predictors.models._adapter import answers

X, Y = map(np.asarray, load_iris(return_X_y=True))
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]


def scaled(model):
    return lambda: make_pipeline(StandardScaler(), model)


def network(**options):
    return MLPClassifier((5, 4), **{"max_iter": 60, "random_state": 0, "solver": "lbfgs"} | options)


def certified(factory, x=X, y=Y, **plan):
    chosen = Plan("mine", seed=0, **plan)
    return certify_rows(read_rows(x, y, chosen), Source("mine", factory), chosen)


def row_of(made):
    return next((row for row in made.certificate.ledger.rows if row.bound == OUTPUT), None)


@pytest.fixture(scope="module")
def linear():
    return certified(scaled(LogisticRegression()))


@pytest.fixture(scope="module")
def layer():
    return certified(scaled(network(max_iter=500)))


def test_a_linear_classifier_of_several_classes_has_the_row(linear):
    row, head = row_of(linear), linear.certificate.several
    assert (row.certifies, certifies_deployed(row)) == (OF_LINEAR, True)
    np.testing.assert_allclose(row.delta_spent, 0.05 * 0.1 / 6, rtol=1e-12)
    assert row.inputs["m"] == 45
    scores = head.scaling.apply(X) @ head.weights
    np.testing.assert_array_equal(scores.argmax(axis=1), linear.predictor.predict(X))
    np.testing.assert_allclose(
        [np.linalg.norm(head.weights), np.abs(head.weights.sum(axis=1)).max()], [1, 0], atol=1e-14
    )
    assert any("one half of the training part" in note for note in linear.certificate.ledger.notes)
    assert row.status is not Status.VIOLATED


@pytest.mark.filterwarnings("ignore")
def test_other_classifiers_of_several_classes_have_none_and_others_do():
    for model, there in ((LinearSVC(), True), (SVC(), False), (SVC(kernel="linear"), False)):
        made = certified(scaled(model), y=NAMES)
        assert (row_of(made) is not None) is there
        assert recheck(made.certificate, X, NAMES, predictor=made.predictor).verdict.status is Status.HOLDS
    assert row_of(certified(scaled(LogisticRegression()), stratified=True)) is None


def test_the_row_is_made_where_it_is_asked_for(linear):
    asked = certified(scaled(LogisticRegression()), rows=("held_out", "linear"), shares=(0.5, 0.5))
    assert row_of(asked).delta_spent == 0.025
    assert row_of(asked).value < row_of(linear).value
    with pytest.raises(InputError, match="row 'linear' does not apply"):
        certified(scaled(SVC()), rows=("linear",))


def test_a_recheck_evaluates_the_row_again(linear):
    assert recheck(linear.certificate, X, Y, predictor=linear.predictor).verdict.status is Status.HOLDS
    stored = recheck(linear.certificate, X, Y)
    assert (stored.verdict.status, stored.differences) == (Status.UNDECIDED, ())
    again = recheck(linear.certificate, X, Y, factory=scaled(LogisticRegression()))
    assert again.verdict.status is Status.HOLDS
    another = scaled(LogisticRegression(C=1e-3))().fit(X, Y)
    assert recheck(linear.certificate, X, Y, predictor=another).verdict.status is Status.VIOLATED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda head: {"weights": 2 * head.weights}, "several.weights have length 2"),
        (lambda head: {"weights": -head.weights}, "several.weights decide otherwise"),
        (lambda head: {"weights": head.weights[1:]}, "several.weights has shape (4, 3), not (5, 3)"),
        (lambda head: {"centre": head.centre[:, 0]}, "several.centre has shape (5,), not (5, 3)"),
        (lambda head: {"centre": np.zeros((5, 3))}, "several.centre is the same for every class"),
        (lambda head: {"centre": head.weights * np.linalg.norm(head.centre)}, "several.centre does not solve"),
        (lambda head: {"centre": head.centre + 1.0}, "several.centre does not solve"),
        (lambda head: {"strength": head.strength * 0.1}, "several.centre does not solve"),
        (lambda head: {"strength": 3.0}, "several.strength is 3, not one of 1, 10, 100, 1000"),
        (lambda head: {"halves": {"prior": "0", "learning": "0"}}, "several.halves.prior is"),
        (lambda head: {"scaling": dataclasses.replace(head.scaling, reach=1.0)}, "several.scaling.reach is"),
    ],
)
def test_what_was_tampered_with_is_named(linear, change, message):
    head = linear.certificate.several
    forged = dataclasses.replace(linear.certificate, several=dataclasses.replace(head, **change(head)))
    found = recheck(forged, X, Y, predictor=linear.predictor).verdict
    assert found.status is Status.VIOLATED
    assert message in found.explanation


def test_a_row_without_its_classifier_is_no_row(linear, layer):
    forged = dataclasses.replace(linear.certificate, several=None)
    assert recheck(forged, X, Y).verdict.status is Status.VIOLATED
    foreign = dataclasses.replace(layer.certificate, several=linear.certificate.several)
    assert "several.weights decide otherwise" in recheck(foreign, X, Y).verdict.explanation
    two = certified(scaled(LogisticRegression()), X[:100], Y[:100])
    assert two.certificate.several is None
    foreign = dataclasses.replace(two.certificate, several=linear.certificate.several)
    assert "no classifier of these data and this plan has it" in recheck(foreign, X[:100], Y[:100]).verdict.explanation


def outcome(path, content):
    schema = next(name for name in SCHEMAS if "predictor" in name)
    path.write_text(json.dumps({"schema": schema, "digest": content_digest(content), "certificate": content}))
    try:
        return str(recheck(read_saved(path).certificate, X, Y).verdict.status)
    except InputError as error:
        return "refused" if "\n" not in str(error) else str(error)


def test_no_forged_leaf_passes(linear, tmp_path):
    content = json.loads(json.dumps(linear.certificate.to_json()))
    assert outcome(tmp_path / "f.json", content) == "UNDECIDED"
    several = [
        path for path in leaves(content) if path[0] == "several" and not (isinstance(path[-1], int) and path[-1])
    ]
    assert len(several) > 5
    for k, path in enumerate(several):
        for wrong in ("x", None, True, [], {"a": 1}, 1e308)[k % 2 :: 2]:
            assert outcome(tmp_path / "f.json", with_change(content, path, wrong)) in ("VIOLATED", "refused"), path


def test_the_prior_weights_solve_their_problem_and_the_directions_are_as_near_as_is_said():
    rng = np.random.default_rng(0)
    sample = ClassSample(rng.normal(size=(60, 4)) / 3, rng.integers(0, 3, 60))
    weights = fit_class_weights(sample, 10.0)
    rough = fit_class_weights(sample, 10.0) + 1e-6 * rng.normal(size=weights.shape)
    bound = distance_to_class_solution(sample, 10.0, rough)
    assert distance_to_class_solution(sample, 10.0, weights) < SOLVED * np.linalg.norm(weights)
    assert np.linalg.norm(rough - weights) <= bound
    apart = np.linalg.norm(class_direction(rough) - class_direction(weights))
    assert apart <= 2 * bound / np.linalg.norm(class_direction(weights) * np.linalg.norm(weights))
    step = 1e-6 * rng.normal(size=weights.shape)
    assert distance_to_class_solution(sample, 10.0, weights + step) >= np.linalg.norm(step) * (1 - 1e-2)


def test_a_network_has_the_row_of_its_last_layer(layer):
    row = row_of(layer)
    assert (row.certifies, certifies_deployed(row), layer.certificate.several) == (OF_LAST_LAYER, True, None)
    assert (row.inputs["m"], row.inputs["kl"], row.inputs["hypotheses"]) == (30, 0.0, 80)
    np.testing.assert_allclose(row.delta_spent, 0.05 * 0.1 / 6, rtol=1e-12)
    assert recheck(layer.certificate, X, Y, predictor=layer.predictor).verdict.status is Status.HOLDS
    stored = recheck(layer.certificate, X, Y)
    assert (stored.verdict.status, stored.differences) == (Status.UNDECIDED, ())
    assert "what the predictor holds, from which follow output_conversion" in stored.verdict.explanation


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", ["identity", "tanh", "logistic", "relu"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_features_are_those_of_the_last_layer(activation, classes):
    kept = classes > Y
    x, y = X[kept], Y[kept]
    made = certified(scaled(network(activation=activation)), x, y)
    last = made.predictor[-1]
    scores = hidden_features(made.predictor, last, x) @ last.coefs_[-1] + last.intercepts_[-1]
    said = (scores[:, 0] > 0).astype(int) if classes == 2 else scores.argmax(axis=1)
    np.testing.assert_array_equal(said, made.predictor.predict(x))
    assert row_of(made) is not None
    assert recheck(made.certificate, x, y, predictor=made.predictor).verdict.status is Status.HOLDS


@pytest.mark.filterwarnings("ignore")
def test_features_that_competed_on_the_held_out_rows_certify_no_last_layer():
    plan = Plan("mine", seed=0, parts=(0.6, 0.2, 0.2))
    rows = read_rows(X, Y, plan)
    split = drawn_parts(plan, np.arange(len(Y)), Y)
    fitted = network().fit(X[split.part("training")], Y[split.part("training")])
    fits = Fit((fitted,), ("a",), (None,))
    deployed = chosen_predictor(fits, [answers(fitted, X, rows.kinds)], rows, split, np.arange(len(Y)), plan)
    assert last_layer(deployed) is not None
    two = (*deployed.competitors, Competitor("b", 0.03, None, 30.0))
    assert last_layer(dataclasses.replace(deployed, competitors=two)) is None


DRAWS, DELTA, POPULATION, ROWS = 300, 0.2, 1000, 90


def population(rng, columns, noise, classes=3):
    x = rng.normal(size=(POPULATION, columns))
    scores = x[:, :classes] + noise * rng.normal(size=(POPULATION, classes))
    return Scaling.of(x).apply(x), scores.argmax(axis=1)


def drawn(rng, x, codes):
    rows = rng.integers(0, POPULATION, ROWS)
    return ClassSample(x[rows], codes[rows])


def fails(sample, weights, distance, x, codes):
    """Whether the bound at the classifier is below its risk in the population."""
    _, known = output_numbers(sample, weights, DELTA, distance=distance)
    value = evaluate_bound(OUTPUT, **known, delta=DELTA).value
    return value < np.mean((x @ weights).argmax(axis=1) != codes)


def failures(draws, rng, x, codes, prior, strength):
    """Each classifier has seen the rows that certify; so has the prior where it is None."""
    count = 0
    for _ in range(draws):
        sample = drawn(rng, x, codes)
        weights = class_direction(fit_class_weights(sample, strength))
        centre = weights if prior is None else prior
        count += fails(sample, weights, float(np.linalg.norm(weights - centre)), x, codes)
    return count


@pytest.mark.parametrize("draws", [5, pytest.param(DRAWS, marks=pytest.mark.slow)])
def test_the_bound_holds_as_often_as_it_says_for_classifiers_that_saw_its_rows(draws):
    rng = np.random.default_rng(0)
    x, codes = population(rng, 4, 0.7)
    prior = class_direction(fit_class_weights(drawn(rng, x, codes), 10.0))
    assert failures(draws, rng, x, codes, prior, 10.0) <= DELTA * draws


@pytest.mark.slow
def test_a_prior_that_saw_the_rows_is_noticed():
    rng = np.random.default_rng(1)
    x, codes = population(rng, 80, 20.0)
    assert failures(20, rng, x, codes, None, 1e4) > DELTA * 20


@pytest.mark.slow
@pytest.mark.parametrize("model", ["linear", "mlp"])
def test_on_digits_the_rows_are_above_the_measured_risk_and_say_something(model):
    x, y = map(np.asarray, load_digits(return_X_y=True))
    plan = Plan(model, seed=1)
    made = certify_rows(read_rows(x, y, plan), Source(model), plan)
    row = row_of(made)
    assert row.measured.value < row.value < {"linear": 0.7, "mlp": 0.15}[model]
    assert recheck(made.certificate, x, y, predictor=made.predictor).verdict.status is Status.HOLDS
