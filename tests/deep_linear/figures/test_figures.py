import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import figures
from fathometer.deep_linear.figures._paper_runs import beside, mean_on_log
from fathometer.evidence import Estimate, InputError, Status
from fathometer.report import FigureSettings, series


def measured(figure, start):
    return next(row.measured for row in figure.rows if row.quantity.startswith(start))


def test_every_name_has_a_file_and_every_file_a_name():
    for name in figures.NAMES:
        module = __import__(f"fathometer.deep_linear.figures.{name.replace('-', '_')}", fromlist=["draw"])
        assert callable(module.draw)
    with pytest.raises(InputError, match="no figure is called 'x'"):
        figures.draw("x", FigureSettings())


def test_a_series_shows_three_digits_and_a_dash_for_nan():
    assert series([1.0, np.nan, 1234.0]) == "1 - 1.23e+03"


@pytest.mark.slow
def test_depth_against_step_has_the_brackets_of_the_paper():
    """Theory 3.2: the last step that succeeds and the next one, for each depth."""
    figure = figures.draw("depth-vs-step", FigureSettings(repetitions=4))
    for depth, expected in ((5, "0.1884 to 0.2217"), (10, "0.0981 to 0.1155"), (20, "0.0434 to 0.05109")):
        assert measured(figure, f"depth {depth}:") == expected
    assert measured(figure, "depth 40:") == "0.0226 to 0.02661"


@pytest.mark.slow
def test_sharpness_of_trained_plain_networks(tmp_path):
    """Theory 3.2, Fig 1, with room for six repetitions."""
    figure = figures.draw("sharpness-vs-scale", FigureSettings(repetitions=6, folder=tmp_path))
    final, at_minimizer = figure.data["sharpness"], figure.data["at_minimizer"]
    assert_allclose(np.nanmean(final[0, :3], axis=1), [20.96, 22.05, 25.61], rtol=0.1)
    assert_allclose(np.nanmean(final[2, 2:6], axis=1), [24.94, 27.15, 28.43, 28.46], rtol=0.08)
    assert np.nanmax(final[2][at_minimizer[2]]) < 2 / 0.07
    assert not at_minimizer[4].any()
    assert np.nanmean(figure.data["initial_sharpness"], axis=1)[0] < 0.4
    assert all(verdict.status is Status.HOLDS for _, verdict in figure.verdicts)
    divergence = figures.draw("divergence", FigureSettings(repetitions=6, folder=tmp_path))
    lost = np.isfinite(divergence.data["diverged_at"]).mean(axis=2)
    assert lost[0, :6].max() == 0
    assert lost[4, -1] == 1
    assert np.all(lost[:4, -1] >= lost[:4, 3])
    distance = figures.draw("distance-vs-scale", FigureSettings(repetitions=6, folder=tmp_path))
    assert measured(distance, "finished runs within 1e-3, step 0.02") == "1"
    assert_allclose(distance.data["excess_risk"], figure.data["excess_risk"])


def test_residual_networks():
    figure = figures.draw("residual", FigureSettings(repetitions=3))
    assert_allclose(figure.data["initial_sharpness"][0], 45.0, atol=0.05)
    assert_allclose(figure.data["sharpness"][0, 0], 27.08, atol=0.05)
    assert_allclose(figure.data["sharpness"][3, 0], 20.0, atol=0.1)
    assert not figure.data["at_minimizer"][4].any()


@pytest.mark.slow
def test_the_edge_of_stability():
    figure = figures.draw("edge-of-stability", FigureSettings(quick=True))
    sharpness, steps = figure.data["sharpness"], figure.data["steps"]
    assert sharpness.shape == (101, 3)
    assert np.nanmax(sharpness[:, 2] * steps[2]) > 2
    assert measured(figure, "records at which the risk rose, step 0.1") != "0"
    assert measured(figure, "records at which the risk rose, step 0.05") == "0"


@pytest.mark.slow
def test_gradient_flow_ends_at_the_balanced_sharpness():
    figure = figures.draw("balanced-limit", FigureSettings(repetitions=3))
    ratio = figure.data["sharpness"] / figure.data["balanced"]
    assert_allclose(ratio[:3], 1, atol=2e-3)
    assert np.all(np.diff(ratio.mean(axis=1)) > 0)
    assert figure.verdicts[0][1].status is Status.HOLDS


@pytest.mark.slow
def test_the_figure_of_step_times_depth_holds_its_verdicts():
    figure = figures.draw("step-times-depth", FigureSettings(quick=True))
    assert {verdict.status for _, verdict in figure.verdicts} == {Status.HOLDS}


@pytest.mark.slow
def test_the_underdetermined_gap_grows_with_sharpness():
    figure = figures.draw("underdetermined", FigureSettings(quick=True))
    assert 0.2 < float(measured(figure, "slope").split()[0]) < 0.8
    assert_allclose(np.nanmean(figure.data["sharpness"][0, :3], axis=1), [20.5, 22.8, 28.9], rtol=0.15)
    assert figure.data["gap"].shape == figure.data["sharpness"].shape


@pytest.mark.slow
def test_gelu_networks_end_below_two_over_the_step():
    figure = figures.draw("gelu", FigureSettings(repetitions=1, quick=True))
    trained = figure.data["sharpness"][0][figure.data["risk"][0] < 1e-2]
    assert trained.size >= 6
    assert trained.max() < 1.1 * 2 / 0.07


@pytest.mark.slow
def test_residual_networks_near_a_minimizer_and_outside():
    figure = figures.draw("residual-story", FigureSettings(quick=True))
    rows = {row.quantity: row for row in figure.rows}
    for depth in (2, 5):
        row = rows[f"near, sharpness of the limit, depth {depth}"]
        assert abs(float(row.measured) - float(row.expected)) < 1e-5
    assert np.ptp(figure.data["near_motion"]) < 1e-3
    assert np.all(figure.data["paper_motion"] < 3)
    statuses = {case.split(",")[0]: set() for case, _ in figure.verdicts}
    for case, verdict in figure.verdicts:
        statuses[case.split(",")[0]].add(verdict.status)
    assert statuses == {"near": {Status.HOLDS}, "paper": {Status.INAPPLICABLE}}


def test_markers_stand_side_by_side():
    x = np.array([1.0, 2.0, 4.0])
    moved = np.array([beside(x, number, 3) for number in range(3)])
    assert_allclose(moved[1], x)
    assert_allclose(moved[2] - moved[0], 0.24)


def test_intervals_on_a_logarithmic_axis_stay_positive():
    values = np.array([[0.1, 0.2, 30.0, np.nan], [1.0, 1.1, 0.9, 1.0]])
    found, mean = mean_on_log(values), Estimate.mean_of(values)
    assert mean.lower[0] < 0
    assert found.lower[0] == 0.1
    assert found.lower[1] == mean.lower[1]


@pytest.mark.slow
def test_period_doubling_has_predictions_beside_descent():
    figure = figures.draw("period-doubling", FigureSettings(quick=True))
    for depth, expected in ((2, "0.124938"), (3, "0.0340801"), (5, "0.00892655")):
        assert measured(figure, f"d^2 / mu at mu = 0.001, depth {depth}") == expected
    low, high = map(float, measured(figure, "divergence, mu, depth 2").split(" to "))
    assert low <= 2 <= high
    visited, grid = figure.data["visited"], figure.data["excess"]
    assert_allclose(visited[grid < -0.05], 1.0, atol=1e-6)
    assert all(verdict.status is Status.HOLDS for _, verdict in figure.verdicts)
    assert len(figure.charts) == 4


@pytest.mark.slow
def test_central_flows_are_nearer_than_the_stable_ones():
    figure = figures.draw("central-flows", FigureSettings(quick=True))
    assert all(verdict.status is Status.HOLDS for _, verdict in figure.verdicts)
    for name, share in (("heavy ball 0.5", 0.3), ("RMSProp", 0.1)):
        near, stable = (figure.data[f"{name}: {what}"][-1] for what in ("distance", "flow_distance"))
        assert near < share * stable
    predicted = [row for row in figure.rows if row.quantity.startswith("factor per step")]
    for row in predicted:
        pairs = ([float(one) for one in text.split(", ")] for text in (row.expected, row.measured))
        assert_allclose(*pairs, rtol=1e-4)


@pytest.mark.slow
def test_the_certificate_on_the_way():
    figure = figures.draw("certified", FigureSettings(repetitions=3))
    assert all(verdict.status is Status.HOLDS for _, verdict in figure.verdicts)
    lowest, highest, limit = (figure.data[name] for name in ("lowest", "highest", "limits"))
    proved = np.isfinite(lowest)
    assert np.all((lowest[proved] <= limit[0]) & (limit[0] <= highest[proved]))
    assert figure.data["rate"][-1] <= figure.data["rates"][0]
    assert np.all(np.isfinite(figure.data["times"]))
