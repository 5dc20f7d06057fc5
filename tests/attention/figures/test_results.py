import numpy as np
import pytest

from fathometer.attention import (
    CLUSTER_COUNT,
    MEAN_COSINE,
    UNIT_ENERGY,
    ParticleSystem,
    layer_table,
    phase_diagram,
    record,
    simulate,
    simulate_collapse,
)
from fathometer.attention.dynamics.large.collapse import simulate_large_collapse
from fathometer.attention.figures.results import (
    collapse_figure,
    large_collapse_figure,
    layers_figure,
    phase_figure,
    run_figure,
    token_frames,
)
from fathometer.report import Dendrogram, Role


@pytest.fixture(scope="module")
def run():
    return simulate(ParticleSystem.uniform(5, 3, 1.0, "sa", seed=0), [0.0, 0.5, 1.0])


def test_a_run_shows_its_energy_on_the_line_that_its_dissipation_predicts(run):
    observed = {one.name: run.observe(one) for one in (UNIT_ENERGY, CLUSTER_COUNT, MEAN_COSINE)}
    figure = run_figure(run, observed)
    predicted, measured = figure.charts[0].curves
    assert (predicted.role, measured.role) == (Role.PREDICTED, Role.MEASURED)
    assert np.allclose(predicted.y, measured.y.value, atol=1e-7)
    assert len(figure.frames) == 3
    assert len(figure.charts) == 4


def test_tokens_in_other_dimensions_are_not_filmed(run):
    assert token_frames(record(np.ones((2, 3, 4)), 1.0)) == ()
    assert [frame.title for frame in token_frames(run)] == ["t = 0", "t = 0.5", "t = 1"]


def test_a_collapse_has_a_staircase_and_a_tree_that_end_in_one_cluster():
    system = ParticleSystem.project([[1.0, 0.0], [0.96, 0.28], [0.0, 1.0], [0.28, -0.96]], 400.0, "sa")
    result = simulate_collapse(system, tolerance=1e-6, check=False)
    figure = collapse_figure(result, system)
    stairs, tree = figure.charts
    assert isinstance(tree, Dendrogram)
    assert np.allclose(np.asarray(tree.heights) * np.log(10), result.merge_tree()[:, 2])
    assert np.asarray(stairs.curves[-1].y)[-1] == pytest.approx(1.0, abs=1e-2)
    assert len(figure.rows) == 3
    assert np.allclose(figure.data["predicted_log_times"][:2], result.merge_tree()[:2, 2], rtol=0.01)


def test_a_large_collapse_has_a_staircase_of_its_clusters_and_the_tree_of_the_last_mergers():
    system = ParticleSystem.uniform(50, 3, 2.0, "sa", 0)
    found, tree = simulate_large_collapse(system, check=False)
    figure = large_collapse_figure(found, tree, system)
    stairs, dendrogram = figure.charts
    assert isinstance(dendrogram, Dendrogram)
    assert np.allclose(np.asarray(dendrogram.heights) * np.log(10), tree.linkage[-40:, 2])
    assert np.asarray(stairs.curves[0].y)[-1] == 0
    assert np.all(np.diff(np.asarray(stairs.curves[0].y)) <= 0)
    assert (len(figure.rows), len(figure.data["last_rows_of_linkage"])) == (40, 40)


def test_one_token_has_a_staircase_of_one_step_and_no_tree():
    system = ParticleSystem.project([[1.0, 0.0]], 1.0, "sa")
    assert len(collapse_figure(simulate_collapse(system, check=False), system).charts) == 1


def test_layers_stand_beside_their_control():
    hidden = np.random.default_rng(0).standard_normal((3, 4, 3))
    table = layer_table(record(hidden, 1.0))
    charts = layers_figure(table, table, (np.array([-1.0, 0.0, 1.0]), np.ones((3, 2)))).charts
    assert len(charts) == 5
    assert {curve.role for curve in charts[0].curves} == {Role.MEASURED, Role.LIMIT}


@pytest.mark.slow
def test_a_phase_diagram_has_the_closed_form_on_it():
    diagram = phase_diagram(3, 2, [0.5, 1.0], [0.5, 9.0], systems=2)
    settings = {"n": 3, "dim": 2, "model": "sa", "cosine": 0.999, "raw_time": False}
    assert phase_figure(diagram, settings).charts[0].curves
