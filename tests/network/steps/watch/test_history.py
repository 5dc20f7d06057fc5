"""What was seen of a training: columns, files, the line of the terminal, sinks."""

import io
import math

import numpy as np
import pyarrow.parquet as pq
import pytest

from fathometer.evidence import Estimate, InputError
from fathometer.network.steps import Edge, EdgeRule, History, Moment, Terminal, Watch
from fathometer.network.steps.watch._sinks import sink_of
from fathometer.network.steps.watch._terminal import sparkline

UNKNOWN = Estimate(math.nan, -math.inf, math.inf, "heuristic")


def moment(step: int, largest: float) -> Moment:
    value = Estimate.sampled(largest, largest, largest * 1.1, 0.999)
    edge, critical = Edge(0.1, EdgeRule.descent(), value), Estimate.heuristic(0.2, 0.19, 0.21)
    return Moment(step, Estimate.exact(1 / (1 + step)), value, edge, critical, 0.1, None, 20, 6, 0.5)


def diverged(step: int) -> Moment:
    return Moment(step, UNKNOWN, UNKNOWN, None, None, 0.1, None, 0, 1, 0.1, "the loss must be finite here, got nan")


@pytest.fixture
def history():
    moments = [moment(0, 5.0), moment(100, 15.0), moment(200, 22.0), diverged(300)]
    return History(moments, 301, 4, 3, 12.5, 2.0, {"every": 100})


@pytest.mark.parametrize("name", ["watch.json", "watch.parquet"])
def test_a_file_gives_back_what_was_seen(history, tmp_path, name):
    history.save(tmp_path / name)
    assert History.load(tmp_path / name) == history
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_parquet_has_a_column_for_each_quantity(history, tmp_path):
    history.save(tmp_path / "w.parquet")
    table = pq.read_table(tmp_path / "w.parquet").to_pydict()
    assert table["step"] == [0, 100, 200, 300]
    assert table["largest_eigenvalue"] == [5.0, 15.0, 22.0, None]
    assert table["edge_ratio_upper"][1] == pytest.approx(0.825)


def test_columns(history):
    np.testing.assert_allclose(history.column("ratio").value, [0.25, 0.75, 1.1, np.nan])
    np.testing.assert_allclose(history.column("largest").upper, [5.5, 16.5, 24.2, np.inf])
    with pytest.raises(InputError, match="a column must be loss, largest"):
        history.column("nothing")


def test_the_summary_says_how_often_it_skipped(history):
    assert history.summary() == (
        "4 of 7 looks that were due were made, 3 skipped to stay within the overhead; they took 2 s beside 12.5 s of"
        " training (16.0%)"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("w.txt", "", "ends in .json or .parquet, got 'w.txt'"),
        ("w.json", "{}", "must have format"),
        ("w.json", "[1", "holds no watch"),
        ("w.json", "[]", "holds no watch"),
        ("w.json", "[" * 100_000, "holds no watch"),
        ("w.parquet", "no", "holds no watch"),
        ("gone.json", None, "is not there"),
    ],
)
def test_files_that_hold_none(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        History.load(tmp_path / name)


def test_sparklines():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([0.0, math.nan, 1.0], 0.0, 2.0) == "▁ ▅"
    assert sparkline([3.0, 3.0]) == "▁▁"
    assert sparkline([math.nan]) == " "


def test_the_terminal_draws_the_ratio_up_to_the_edge(history):
    stream = io.StringIO()
    terminal = Terminal(stream)
    for each in history.moments:
        terminal(each.values(), each.step)
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("▃  step 0  loss 1  largest 5  0.25 of the edge [0.25, 0.275]")
    assert lines[2].startswith("▂▆█  step 200")
    assert lines[3].startswith("▂▆█   step 300  loss -  largest -")


def test_a_terminal_is_rewritten():
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    terminal = Terminal(screen)
    terminal({"loss": 1.0}, 3)
    assert screen.getvalue().startswith("\r\x1b[K")
    assert "\n" not in screen.getvalue()
    terminal.close()
    terminal.close()
    assert screen.getvalue().endswith("loss 1  largest -\n")


def test_every_kind_of_sink_receives_the_numbers():
    seen = []

    class Writer:
        def add_scalar(self, name, value, step):
            seen.append(("scalar", name, value, step))

    class Run:
        def log(self, values, step):
            seen.append(("log", values, step))

    class Logger:
        def log_metrics(self, metrics, step):
            seen.append(("metrics", metrics, step))

    sink_of([Writer(), Run(), Logger(), lambda values, step: seen.append(("function", values, step)), None])(
        {"loss": 2.0}, 7
    )
    named = {"fathometer/loss": 2.0}
    assert seen == [
        ("scalar", "fathometer/loss", 2.0, 7),
        ("log", named, 7),
        ("metrics", named, 7),
        ("function", {"loss": 2.0}, 7),
    ]
    with pytest.raises(InputError, match="a sink must be a function"):
        sink_of(3)


def test_a_watch_that_is_read_can_be_saved_again(history, tmp_path):
    history.save(tmp_path / "a.json")
    Watch.load(tmp_path / "a.json").save(tmp_path / "b.json")
    assert History.load(tmp_path / "b.json") == history


def test_looks_wait_for_their_turn_while_memory_lasts():
    free, held = Watch(None, None, overhead=math.inf, memory=100), {"weights": np.zeros(5)}
    assert [free.takes(waiting, held) for waiting in range(4)] == [True, True, False, False]
    assert not Watch(None, None, memory=100, overhead=1e-9).takes(1, held)
