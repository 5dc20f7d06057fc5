"""Work that reports while it runs, taken step by step."""

import threading
import time

import pytest

from fathometer.app.questions._stepwise import stepwise


def counting(reached, until=3):
    def work(report):
        for k in range(until):
            reached.append(k)
            report(k)
        return "all"

    return work


def taken(steps):
    values = []
    while True:
        try:
            values.append(next(steps))
        except StopIteration as end:
            return values, end.value


def test_reports_come_one_by_one_and_then_the_result():
    assert taken(stepwise(counting([]))) == ([0, 1, 2], "all")


def test_work_waits_until_the_next_step_is_asked_for():
    reached = []
    steps = stepwise(counting(reached))
    next(steps)
    assert reached == [0]
    next(steps)
    assert reached == [0, 1]


def test_closing_ends_the_work_where_it_reports():
    before, reached = threading.active_count(), []
    steps = stepwise(counting(reached, 10**9))
    next(steps)
    steps.close()
    for thread in threading.enumerate()[before:]:
        thread.join(5)
    assert threading.active_count() == before
    assert reached == [0]


def test_an_error_of_the_work_is_raised_where_it_is_asked_for():
    def work(report):
        report(1)
        raise ValueError("no")

    steps = stepwise(work)
    assert next(steps) == 1
    with pytest.raises(ValueError, match="no"):
        next(steps)


def test_something_comes_in_between_where_reports_are_far_apart():
    steps = stepwise(lambda report: time.sleep(0.8), meanwhile="at work")
    values, result = taken(steps)
    assert values[:2] == ["at work", "at work"]
    assert result is None
