"""Rows on request: classes, costs, groups, calibration, and losses of regression; recheck, coverage, bad input."""

import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from fathometer.data import Split
from fathometer.evidence import InputError, Status
from fathometer.generalization import evaluate_bound, read_certificate, recheck, save_certificate
from fathometer.generalization.certificates._page import certificate_page
from fathometer.generalization.learning.predictors import Loss, Plan, Source, certify_rows, read_rows
from fathometer.generalization.learning.predictors._deployed import Competitor, Deployed
from fathometer.generalization.learning.predictors._independent_rows import independent_rows
from fathometer.generalization.learning.predictors._rows import certifies_deployed, drafts
from fathometer.generalization.learning.predictors.rows._calibration import Stated
from fathometer.generalization.learning.predictors.rows._regression import BLOCKS, block_means
from fathometer.generalization.ledger._calibration import Bins, bins_of, calibration_measured

DRAWS, DELTA = 300, 0.1
ALLOWED = stats.binom.ppf(1 - 1e-6, DRAWS, DELTA)
COSTS = ((0.0, 1.0, 5.0), (1.0, 0.0, 1.0), (1.0, 2.0, 0.0))
MANY = ((0.0, 1.0, 5.0), (1.5, 0.0, 1.0), (2.5, 2.0, 0.0))


class Ready:
    """Answers and probabilities by a rule that has seen nothing; knows no fit."""

    classes_ = np.arange(3)

    def predict_proba(self, x):
        scores = np.exp(-np.abs(x[:, :1] - np.arange(3)))
        return scores / scores.sum(axis=1, keepdims=True)

    def predict(self, x):
        return self.predict_proba(x).argmax(axis=1)


def data(n: int = 900):
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 3, n)
    x = np.column_stack([truth + rng.normal(0, 0.5, n), rng.normal(size=n)])
    return x, truth, np.where(rng.random(n) < 0.4, "f", "m")


X, Y, SEX = data()
ALL = ("held_out", "recall", "precision", "cost", "groups", "calibration")


def plan(**changes) -> Plan:
    given = {"model": "m:f", "seed": 3, "rows": ALL, "shares": (0.5,) + (0.1,) * 5, "costs": COSTS, "sensitive": "sex"}
    return Plan(**given | changes)


def certified(asked: Plan, factory=Ready, x=X, y=Y, sensitive=SEX):
    rows = read_rows(x, y, asked, sensitive=sensitive)
    return certify_rows(rows, Source("m:f", factory), asked).certificate


@pytest.fixture(scope="module")
def certificate():
    return certified(plan())


def test_every_row_is_paid_for_and_about_something_else(certificate):
    rows = certificate.ledger.rows
    bounds = [row.bound for row in rows]
    assert bounds.count("test_binomial") == 1 + 3 + 3 + 2
    assert {"test_split_binomial", "group_gap", "calibration_error"} <= set(bounds)
    spent = sum(Fraction(row.delta_spent) for row in rows)
    assert Fraction(0.05) * Fraction(1 - 1e-9) <= spent <= Fraction(0.05)
    assert [certifies_deployed(row) for row in rows].count(True) == 1
    assert all(evaluate_bound(row.bound, **row.inputs).value == row.value for row in rows)
    cost = next(row for row in rows if row.bound == "test_split_binomial")
    assert cost.terms["in the unit of the costs"] == pytest.approx(5 * cost.value)


def test_saved_read_and_rechecked(certificate, tmp_path):
    save_certificate(tmp_path / "c.json", certificate)
    read, untouched = read_certificate(tmp_path / "c.json")
    assert read == certificate
    assert recheck(read, X, Y, untouched, Ready, sensitive=SEX).differences == ()
    assert recheck(read, X, Y, untouched, sensitive=SEX, predictor=Ready()).verdict.status is Status.HOLDS
    with pytest.raises(InputError, match="groups of the sensitive column 'sex' are needed"):
        recheck(read, X, Y)
    other = recheck(read, X, Y, sensitive=np.roll(SEX, 1)).verdict
    assert other.status is Status.VIOLATED
    bins = dataclasses.replace(read.bins, claims=tuple(0.9 for _ in read.bins.claims))
    assert recheck(dataclasses.replace(read, bins=bins), X, Y, sensitive=SEX).verdict.status is Status.VIOLATED
    torn = dataclasses.replace(read, bins=None)
    assert "both or not at all" in recheck(torn, X, Y, sensitive=SEX).verdict.explanation


def test_the_page_has_a_table_of_classes_and_one_of_bins(certificate):
    page = certificate_page(certificate)
    assert page.per_class is not None
    table = next(table for table in page.tables if table.title == "Calibration")
    assert sum(int(row[2]) for row in table.rows) == certificate.ledger.sizes["held_out"]


def test_many_costs_are_certified_by_their_mean():
    row = next(row for row in certified(plan(costs=MANY)).ledger.rows if row.certifies.startswith("cost"))
    assert row.bound == "test_kl"


def test_classes_and_groups_without_rows_are_named():
    rare = SEX.astype("<U5")
    rare[0] = "other"
    notes = certified(plan(), sensitive=rare).ledger.notes
    assert any("no risk of group 'other'" in note for note in notes)
    truth = np.where(np.arange(len(Y)) == 1, 2, np.where(Y == 2, 1, Y))
    found = certified(plan(rows=("held_out", "recall"), shares=(), costs=(), sensitive=""), y=truth)
    assert any(note.startswith("no recall of class '2'") for note in found.ledger.notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": ("held_out",), "shares": (), "sensitive": ""}, "--costs belongs to the row cost"),
        ({"rows": ("held_out", "cost"), "shares": ()}, "--sensitive belongs to the row groups"),
        ({"costs": ()}, "row 'cost' needs the cost"),
        ({"costs": ((0, 1), (1, 0))}, "costs must be of the 3 classes, got 2"),
        ({"costs": ((0, 1, 1), (1, 0), (1, 1, 0))}, "costs must be a square"),
        ({"costs": ((0, -1, 1), (1, 0, 1), (1, 1, 0))}, "each of costs must be >= 0, got -1"),
        ({"costs": ((0, np.nan, 1), (1, 0, 1), (1, 1, 0))}, "each of costs must be finite|each of costs must be"),
        ({"costs": ((0, 0, 0),) * 3}, "costs must not all be 0"),
        ({"sensitive": ""}, "row 'groups' needs the column"),
        ({"moment": 1.0}, "--moment belongs to the row moment"),
        ({"rows": (*ALL, "moment"), "shares": (), "moment": 1.0}, "row 'moment' does not apply"),
    ],
)
def test_what_cannot_be_certified_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        certified(plan(**changes))


def test_scores_are_no_probabilities_and_columns_have_lengths():
    asked = plan(rows=("held_out", "calibration"), shares=(), costs=(), sensitive="")
    with pytest.raises(InputError, match="needs probabilities: the model has no predict_proba"):
        certified(asked, lambda: lambda x: np.column_stack([x[:, 0], 1 - x[:, 0], 0 * x[:, 0]]))
    with pytest.raises(InputError, match=r"a sensitive column must have shape \(900,\), got \(3,\)"):
        certified(plan(), sensitive=SEX[:3])
    with pytest.raises(InputError, match="at most 30 groups"):
        certified(plan(), sensitive=np.arange(900) % 40)


def test_bins_come_from_training_rows():
    bins = bins_of(np.linspace(0.5, 1, 1001), 450)
    assert len(bins.claims) == 4
    assert len(bins.edges) == 3
    assert bins.of(np.array([0.5, 0.62, 0.63, 1.0])).tolist() == [0, 0, 1, 3]
    assert bins_of(np.ones(50), 1000) == Bins((), (1.0,))
    with pytest.raises(InputError, match=r"in \[0, 1\]"):
        bins_of([0.5, 1.5], 100)
    found = calibration_measured(bins, np.full(40, 0.8), np.arange(40) < 20)
    assert found.value == pytest.approx(abs(bins.claims[2] - 0.5))
    assert 0 < found.lower < found.value < found.upper


LOSSES = ("held_out", "mean_kl", "moment")


def test_regression_in_units_of_its_loss():
    rng = np.random.default_rng(1)
    target = 2 * X[:, 0] + rng.normal(0, 0.3, len(X))
    asked = plan(rows=LOSSES, shares=(0.6, 0.2, 0.2), costs=(), sensitive="", loss=Loss("absolute", 5.0), moment=1.0)
    found = certified(asked, lambda: lambda x: 2 * x[:, 0], y=target)
    by_bound = {row.bound: row for row in found.ledger.rows}
    betting, kl, moment = (by_bound[name] for name in ("test_betting_losses", "test_kl", "supermart_nonneg"))
    assert found.ledger.winner == "test_betting_losses"
    assert betting.terms["in units of the loss"] == pytest.approx(5 * betting.value)
    assert betting.value < kl.value
    assert "nothing here can check" in moment.certifies
    assert moment.inputs["lam"] == pytest.approx(np.sqrt(2 * np.log(1 / moment.inputs["delta"]) / moment.inputs["m"]))
    assert recheck(found, X, target, True, lambda: lambda x: 2 * x[:, 0]).differences == ()
    assert certificate_page(found).sentence.endswith("in units of the loss on new rows drawn like these.")


def test_blocks_keep_the_mean_and_stay_in_range():
    losses = np.random.default_rng(0).random(4321)
    blocks = block_means(losses)
    assert blocks.size == BLOCKS
    assert blocks.mean() == pytest.approx(losses.mean(), abs=0.01)
    assert block_means(losses[:50]) is not None
    assert block_means(losses[:50]).size == 50
    assert block_means(np.ones(5000)).max() == 1


def deployed(asked: Plan, truth, predicted, sensitive=None) -> Deployed:
    """All rows certify; copies of them measure and train."""
    n = len(truth)
    parts = {name: k * n + np.arange(n) for k, name in enumerate(("held_out", "test", "training"))}
    return Deployed(
        plan=asked,
        split=Split(3 * n, parts, 0),
        truth=np.tile(truth, 3),
        predicted=dict.fromkeys(parts, predicted),
        margins=None,
        gamma=None,
        competitors=(Competitor("m", 1.0, None, 0.0),),
        chosen=0,
        groups=np.arange(3 * n),
        x=np.zeros((3 * n, 1)),
        kinds=() if truth.dtype.kind == "f" else ("a", "b", "c"),
        sensitive=None if sensitive is None else np.tile(sensitive, 3),
    )


def values(found: Deployed) -> dict[str, float]:
    return {draft.certifies: float(draft.at(share).value or np.inf) for draft, share in drafts(found)}


RISKS = np.array([0.1, 0.2, 0.4])
SHARES = np.array([0.5, 0.3, 0.2])


def drawn(rng: np.random.Generator, name: str, delta: float, n: int = 80) -> Deployed:
    """A predictor that answers the next class instead of the right one with the probability of the class."""
    truth = rng.choice(3, n, p=SHARES)
    wrong = rng.random(n) < RISKS[truth]
    given = {"costs": COSTS if name == "cost" else (), "sensitive": "g" if name == "groups" else ""}
    asked = plan(rows=(name,), shares=(), delta=delta, **given)
    more = {"sensitive": np.array(["u", "v", "w"])[truth]} if name == "groups" else {}
    found = deployed(asked, truth, np.where(wrong, (truth + 1) % 3, truth), **more)
    if name != "calibration":
        return found
    stated = np.tile(1 - RISKS[truth], 3)
    by_part = {part: stated[found.split.part(part)] for part in ("held_out", "test")}
    return dataclasses.replace(found, stated=Stated(Bins((0.7, 0.85), (0.7, 0.75, 0.95)), by_part))


def truths(name: str) -> list[float]:
    arrive = SHARES * (1 - RISKS) + np.roll(SHARES * RISKS, 1)
    return {
        "recall": RISKS.tolist(),
        "precision": (np.roll(SHARES * RISKS, 1) / arrive).tolist(),
        "cost": [float(SHARES @ (RISKS * [1, 1, 1])) / 5],
        "groups": [*RISKS.tolist(), 0.3],
        "calibration": [float(SHARES @ [0.05, 0.05, 0.1])],
    }[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["recall", "precision", "cost", "groups", "calibration"])
def test_all_rows_of_a_name_hold_together(name):
    """And with delta 0.999 they fail far more often: the negative control."""
    rng = np.random.default_rng(7)

    def failures(draws: int, delta: float) -> int:
        drafted = (values(drawn(rng, name, delta)).values() for _ in range(draws))
        return sum(any(value < true for value, true in zip(found, truths(name), strict=False)) for found in drafted)

    assert failures(DRAWS, DELTA) <= ALLOWED
    assert failures(50, 0.999) >= (25 if name in ("recall", "precision", "cost") else 0)


def regression(rng: np.random.Generator, name: str, moment: float, mean: float = 1.0) -> Deployed:
    """Losses from an exponential law, cut off at 3; of mean 1 it has the second moment 2."""
    given = {"moment": moment} if name == "moment" else {}
    asked = plan(rows=(name,), shares=(), costs=(), sensitive="", delta=DELTA, loss=Loss("absolute", 3.0), **given)
    return deployed(asked, rng.exponential(mean, 100), np.zeros(100))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "true"),
    [("held_out", (1 - np.exp(-3)) / 3), ("mean_kl", (1 - np.exp(-3)) / 3), ("moment", 1 / np.sqrt(2))],
)
def test_rows_of_regression_are_covered(name, true):
    """A moment that is too small, or rows of another law, fail: the negative control."""
    rng = np.random.default_rng(8)

    def failures(draws: int, moment: float, mean: float, true: float) -> int:
        return sum(next(iter(values(regression(rng, name, moment, mean)).values())) < true for _ in range(draws))

    assert failures(DRAWS, 2.0, 1.0, true) <= ALLOWED
    assert failures(50, 0.1, 1.0 if name == "moment" else 0.4, 1 / np.sqrt(0.1) if name == "moment" else true) >= 25


def test_one_draw_is_counted_twice_alike():
    """The cheap form of the coverage: both evaluations of every row of one draw."""
    rng = np.random.default_rng(9)
    for name in ("recall", "precision", "cost", "groups", "calibration"):
        found = drawn(rng, name, DELTA)
        again = {row.certifies: row.value for row in independent_rows(found)}
        assert again == pytest.approx(values(found), rel=1e-11)
