"""The second evaluation shares no constant and no formula with the first, and says the same method."""

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest

import fathometer.generalization
from fathometer.generalization.learning.linear import _independent_rows as linear, _ledger, _training
from fathometer.generalization.learning.networks import (
    _independent_risks as network_risks,
    _independent_rows as network,
    _law,
    _risks,
    _rows,
)
from fathometer.generalization.ledger import _independent_bounds as independent, _ledger as ledger

ROOT = Path(inspect.getfile(fathometer.generalization)).parent
FILES = sorted(ROOT.rglob("_independent_*.py"))
ALLOWED = {
    "linear/_independent_rows.py": {"evaluate_bound"},
    "networks/_independent_rows.py": {"evaluate_bound", "overfitting"},
    "predictors/_independent_rows.py": {"evaluate_bound", "drafts", "BLOCKS", "OUTPUT", "counted_again", "of_deployed"},
    "predictors/_independent_members.py": {"cloned"},
}
"""The terms beside a value, which say nothing that is compared, come from the catalogue; the question of overfitting is
no certificate; which rows a predictor's ledger has, and their shares of delta, is said in one place."""


def shared(path: Path) -> set[str]:
    """What a file imports from this theory that is neither a type nor another independent file."""
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    names = {
        alias.name
        for node in imports
        if (node.module or "").startswith("fathometer.generalization") and "_independent_" not in (node.module or "")
        for alias in node.names
    }
    return {name for name in names if not (name[0].isupper() and not name.isupper()) and "_independent_" not in name}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_second_evaluation_takes_nothing_but_types_from_the_first(path):
    assert shared(path) <= ALLOWED.get(str(path.relative_to(path.parents[1])), set())


def test_there_are_independent_evaluations_of_every_kind_of_certificate():
    assert {path.parent.name for path in FILES} == {"ledger", "linear", "networks", "predictors", "heads"}


def test_both_evaluations_of_a_linear_ledger_are_of_the_same_method():
    assert len(_training.STRENGTHS) == linear.CANDIDATES
    names = ("POSTERIOR_SIGMAS", "RADII", "BASE_RADIUS", "OUTPUT_SIGMAS", "THRESHOLDS", "HELD_OUT_SHARE")
    assert [getattr(_ledger, name) for name in names] == [getattr(linear, name) for name in names]
    assert set(linear.GRIDS) == set(_ledger.ROWS)
    for bound, grids in linear.GRIDS.items():
        choice = {name: grid[0] for name, grid in grids.items()}
        assert _ledger.certified_object(bound, choice) == linear._certifies(bound, choice)


def test_both_evaluations_of_a_network_are_of_the_same_method():
    names = ("MODEL", "MODEL_RAMP", "GIBBS_01", "GIBBS_CE", "ONE_DRAW", "MC_SHARE", "BASE_RADIUS")
    assert [getattr(_rows, name) for name in names] == [getattr(network, name) for name in names]
    assert (_law.DRAW, _law.SLACK) == (network.DRAW, network.SLACK)
    assert (_risks.GIBBS, _risks.GIBBS_TEST, _risks.CHUNK) == (network.GIBBS, network.GIBBS_TEST, network_risks.CHUNK)


@pytest.mark.parametrize("errors", [0, 1, 7, 40])
def test_both_evaluations_give_the_same_intervals_around_measured_risks(errors):
    assert ledger.CONFIDENCE == independent.CONFIDENCE
    losses = (np.arange(40) < errors).astype(float)
    for first, second in (
        (ledger.measured_errors(errors, 40), independent.error_rate(losses)),
        (ledger.measured_mean(losses / 2), independent.mean_loss(losses / 2)),
    ):
        ends = [(each.value, each.lower, each.upper, each.confidence) for each in (first, second)]
        assert ends[0] == pytest.approx(ends[1], rel=1e-11, abs=1e-15)
