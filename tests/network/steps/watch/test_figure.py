"""The picture of a watched training, and the training that shows the edge."""

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.network.steps import History, edge_demonstration, watch_figure
from tests.network.steps.watch.test_history import diverged, moment


def test_it_draws_the_edge_as_a_line_and_what_was_seen_as_points(tmp_path):
    history = History([moment(0, 5.0), moment(100, 15.0), moment(200, 18.0), diverged(300)], 301)
    figure = watch_figure(history)
    curvature, critical, loss = figure.charts
    edge, seen = curvature.curves
    np.testing.assert_allclose(edge.y, [20.0, 20.0, 20.0, np.nan])
    np.testing.assert_allclose(seen.y.upper[:3], [5.5, 16.5, 19.8])
    assert [chart.title for chart in (critical, loss)] == ["Smallest step that raises the loss", "Loss"]
    assert [row.measured for row in figure.rows] == ["0.825", "50%"]
    assert figure.write(tmp_path, "svg").stat().st_size > 10_000


def test_nothing_seen_is_nothing_to_draw():
    with pytest.raises(InputError, match="there must be a look to draw: 0 of 3 looks"):
        watch_figure(History(skipped=3))


@pytest.mark.slow
def test_the_edge_is_reached_and_kept_where_theory_says():
    below, at = edge_demonstration(0.05, 1000, 10), edge_demonstration(0.1, 2000, 20)
    assert np.max(below.column("ratio").value[1:]) < 0.7
    late = at.column("ratio").value[10:]
    assert np.all(np.abs(late - 1) < 0.06)
    np.testing.assert_allclose(at.column("critical").value[12:], 0.1, rtol=0.2)
    loss = at.column("loss").value
    assert loss[-1] < 0.7 * loss[10]
