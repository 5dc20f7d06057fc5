"""Which rows two certificates leave for a comparison, and what each of them is charged."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fathometer.data import joined_groups
from fathometer.evidence import InputError
from fathometer.generalization import Certificate, linear_certificate
from fathometer.generalization.certificates._compared import Given, compare_on_new, compare_on_table
from fathometer.generalization.learning.predictors import Plan, Source, certify_rows, read_rows
from fathometer.generalization.learning.predictors._plan import drawn_parts
from fathometer.generalization.ledger._comparison import compare_losses


@pytest.fixture(scope="module")
def table():
    """450 visits of 150 patients, and the class of each."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((450, 2))
    return Given(x, ((x[:, 0] > 0) ^ (rng.random(450) < 0.2)).astype(int))


PATIENT = np.repeat(np.arange(150), 3)


def certified(table: Given, seed: int, groups=PATIENT, column: int | None = None) -> Certificate:
    factory = LogisticRegression if column is None else lambda: lambda x: (x[:, column] > 0).astype(int)
    rows = read_rows(table.features, table.target, Plan())
    made = certify_rows(rows, Source("mine", factory), Plan(seed=seed), groups=groups)
    return Certificate(made.certificate, made.predictor, Path("c.json"))


def count(comparison) -> int:
    return comparison.wins + comparison.ties + comparison.losses


def test_one_row_of_each_group_that_neither_was_fitted_on(table):
    first, second = certified(table, 1), certified(table, 2)
    untouched = set(range(150))
    for one in (first, second):
        split = drawn_parts(one.record.plan, PATIENT, table.target)
        untouched -= set(PATIENT[split.part("training")])
    comparison = compare_on_table(first, second, table, groups=PATIENT)
    assert count(comparison) == len(untouched) < 60
    with pytest.raises(InputError, match="made with groups"):
        compare_on_table(first, second, table)


def test_groups_of_one_certificate_bind_the_rows_of_the_other(table):
    """Rows of a patient of whom one row fitted the other predictor are left out."""
    first, second = certified(table, 1), certified(table, 1, groups=None)
    split = drawn_parts(second.record.plan, np.arange(450), table.target)
    own = drawn_parts(first.record.plan, PATIENT, table.target)
    seen = set(PATIENT[split.part("training")]) | set(PATIENT[own.part("training")])
    assert 150 - len(seen) < 20
    with pytest.raises(InputError, match=f"leave {150 - len(seen)} rows that fitted neither"):
        compare_on_table(first, second, table, groups=PATIENT)


def test_every_kind_of_certificate_can_be_compared(table):
    record = linear_certificate(table.features, table.target, delta=0.05, seed=5)
    assert count(compare_on_table(Certificate(record, None, Path("l.json")), certified(table, 5, None), table)) >= 70


def test_on_new_rows_nothing_is_charged_and_copies_count_once(table):
    first, second = certified(table, 1), certified(table, 2, column=1)
    rng = np.random.default_rng(1)
    x = rng.standard_normal((60, 2))
    new = Given(np.vstack([x, x]), np.tile((x[:, 0] > 0).astype(int), 2))
    comparison = compare_on_new(first, second, (new, new))
    losses = [one.losses(one.predict(x), new.target[:60]) for one in (first, second)]
    assert comparison.to_json() == compare_losses(losses[0], losses[1]).to_json()
    pairs = np.tile(np.repeat(np.arange(30), 2), 2)
    assert count(compare_on_new(first, second, (new, new), groups=pairs)) == 30
    assert len(np.unique(joined_groups(np.arange(120), pairs))) == 30


def test_the_choice_among_candidates_is_charged(table):
    """As one of three candidates, and not the favourite, the same predictor has the same difference, less sharply."""
    alone, other = certified(table, 1, None), certified(table, 1, None, column=1)
    (own,) = alone.record.competitors
    record = dataclasses.replace(alone.record, competitors=(own, own, own), chosen=2)
    chosen = Certificate(record, alone.predictor, alone.path)
    plain, charged = (compare_on_table(one, other, table).difference for one in (alone, chosen))
    assert charged.value == plain.value
    assert charged.lower < plain.lower
    assert charged.upper > plain.upper
