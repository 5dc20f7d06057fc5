import pytest

from fathometer.deep_linear import judge_flow
from fathometer.deep_linear.theorems import _examples, theorems
from fathometer.evidence import Status, judge_all
from tests.theorem_cases import assert_every_case_ends_as_it_should, of_theory

ON_SPECIAL_NETWORKS = {"balanced_product", "early_escape", "scalar_limit", "riccati_solution", "one_neuron_bounds"}


LONG = (
    "adaptive_central_flow",
    "adaptive_edge",
    "alignment_logistic",
    "balanced_product",
    "central_flow",
    "edge_of_stability",
    "imbalance_conserved",
    "layer_rank_one",
    "residual_motion",
    "residual_pl",
    "residual_rate",
    "riccati_solution",
    "scalar_limit",
    "small_init_certificate",
    "small_init_sharpness",
    "spectral_modes",
)


@of_theory("deep_linear", slow=LONG)
def test_a_theorem_ends_in_each_verdict_on_its_own_cases(theorem):
    assert_every_case_ends_as_it_should(theorem)


@pytest.mark.slow
def test_no_theorem_is_violated_on_the_example_of_another():
    runs = [theorem.example() for theorem in theorems()]
    verdicts = [verdict for run in runs for verdict in judge_all(run, theorems(), costly=True)]
    assert len(verdicts) > 3 * len(runs)
    assert [verdict.explanation for verdict in verdicts if verdict.status is Status.VIOLATED] == []


@pytest.mark.slow
def test_theorems_on_special_networks_are_mentioned_only_there():
    generic, scalar, white = (
        {verdict.theorem: verdict.status for _, verdict in judge_flow(run)}
        for run in (_examples.generic_flow(), _examples.scalar_flow(), _examples.two_white_layers())
    )
    assert not ON_SPECIAL_NETWORKS & set(generic)
    assert scalar["scalar_limit"] is scalar["one_neuron_bounds"] is Status.HOLDS
    assert white["balanced_product"] is white["riccati_solution"] is Status.HOLDS
    assert not {"balanced_product", "riccati_solution"} & set(scalar)


def test_costly_theorems_can_be_left_out():
    costly = {theorem.id for theorem in theorems() if theorem.cost}
    names = [
        {verdict.theorem for _, verdict in judge_flow(_examples.small_start(), costly=way)} for way in (True, False)
    ]
    assert names[0] - names[1] == costly & names[0]
    assert names[1]
