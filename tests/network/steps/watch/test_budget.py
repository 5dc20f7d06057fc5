"""The share of the training's time that looks may take, by a clock of our own."""

import math

import pytest

from fathometer.evidence import InputError
from fathometer.network.steps.watch._budget import Budget


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def trained(
    share: float, steps: int, every: int, look: float, step: float = 1.0, one_pass: float = 0.3
) -> list[Budget]:
    """A training, and its account after every step."""
    clock = Clock()
    budget = Budget(share, 100.0, clock)
    for number in range(steps):
        budget.tick()
        if number % every == 0:
            if budget.affords() and not budget.calibrated:
                with budget.calibrating():
                    clock.now += one_pass
            if budget.affords() and budget.calibrated:
                with budget.looking():
                    clock.now += look
            else:
                budget.skipped += 1
        assert budget.spent <= share * budget.training + 1e-9
        clock.now += step
    budget.tick()
    return budget


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5])
@pytest.mark.parametrize("look", [0.1, 3.0, 30.0])
def test_the_share_is_never_overstepped(share, look):
    budget = trained(share, 6000, 10, look)
    assert budget.looks + budget.skipped == 600
    assert budget.training == pytest.approx(6000)


def test_what_may_be_spent_is_spent():
    budget = trained(0.05, 20000, 10, 3.0)
    assert budget.spent > 0.9 * 0.05 * 20000


def test_an_unlimited_share_skips_nothing():
    clock = Clock()
    budget = Budget(math.inf, 100.0, clock)
    for _ in range(5):
        budget.tick()
        assert budget.affords()
        with budget.looking():
            clock.now += 100
    assert (budget.looks, budget.skipped, budget.spent) == (5, 0, 500)


def test_a_look_that_was_dearer_than_the_last_is_paid_before_the_next():
    clock = Clock()
    budget = Budget(0.1, 1.0, clock)
    made = []
    for number in range(5000):
        budget.tick()
        if budget.affords():
            with budget.looking():
                clock.now += 1.0 if len(made) < 5 else 50.0
            made.append(number)
        clock.now += 1.0
    assert budget.spent <= 0.1 * budget.training + 50
    assert made[6] - made[5] >= 900


def test_a_resumed_account_goes_on():
    clock = Clock()
    budget = Budget(0.05, 1.0, clock)
    budget.resume(1000.0, 50.0, 3, 4)
    budget.tick()
    clock.now += 1.0
    budget.tick()
    assert not budget.affords()
    assert (budget.training, budget.spent, budget.looks, budget.skipped) == (1001.0, 50.0, 3, 4)


@pytest.mark.parametrize("share", [0.0, -1.0, math.nan])
def test_shares_that_cannot_be(share):
    with pytest.raises(InputError, match="overhead must be > 0"):
        Budget(share, 1.0, Clock())
