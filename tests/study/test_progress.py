"""What a long computation says: rarely, how far, how long still."""

import math

import pytest

from fathometer.study import Progress, _progress, duration, silent_for, stay_silent


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(times: list[tuple[float, float, str]], done: float = 0.0) -> list[str]:
    clock, lines = Clock(), []
    progress = Progress("training", lines.append, done=done, clock=clock)
    for now, part, detail in times:
        clock.now = 100.0 + now
        progress.at(part, detail)
    return lines


def test_it_is_silent_for_ten_seconds_and_then_speaks_every_ten() -> None:
    lines = told([(1.0 * i, i / 100, f"step {i}") for i in range(31)])
    assert lines == [
        "training: 10 %, step 10, about 90 s left",
        "training: 20 %, step 20, about 80 s left",
        "training: 30 %, step 30, about 70 s left",
    ]


def test_what_was_done_before_does_not_count_as_speed() -> None:
    assert told([(10.0, 0.75, "")], done=0.5) == ["training: 75 %, about 10 s left"]


def test_nothing_done_yet_has_no_time_left() -> None:
    assert told([(20.0, 0.0, "compiling")]) == ["training: 0 %, compiling"]


def test_only_long_work_is_announced() -> None:
    lines = []
    progress = Progress("simulation", lines.append)
    progress.expect(59.0)
    progress.expect(600.0, "--engine large is faster")
    assert lines == ["simulation: will take about 10 min; Ctrl-C stops it; --engine large is faster"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 s"),
        (35.4, "35 s"),
        (250.0, "4 min"),
        (9000.0, "2.5 h"),
        (50 * 3600.0, "2.1 days"),
        (4e6, "46 days"),
        (float("inf"), "for ever"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_server_stays_silent(monkeypatch):
    monkeypatch.setattr(_progress, "_said", [-math.inf])
    stay_silent()
    assert silent_for() < 0
