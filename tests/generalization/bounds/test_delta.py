from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from fathometer.evidence import InputError
from fathometer.generalization import DeltaAccount
from fathometer.generalization.bounds._delta_account import split_delta


@given(st.floats(1e-12, 0.999), st.integers(1, 50))
def test_shares_never_exceed_the_total_and_use_nearly_all_of_it(total, count):
    account = DeltaAccount(total)
    shares = account.split(count)
    assert len(set(shares)) == 1
    assert sum(map(Fraction, shares)) <= Fraction(total)
    assert account.spent == pytest.approx(total, rel=1e-14)


def test_an_overdraft_is_refused():
    account = DeltaAccount(0.05)
    assert account.spend(0.03) == 0.03
    with pytest.raises(InputError, match=r"delta 0.03 exceeds what is left of the account: 0.02 of 0.05"):
        account.spend(0.03)
    assert account.spent == 0.03
    account.split(2)
    with pytest.raises(InputError, match="exceeds what is left of the account"):
        account.spend(0.001)


@pytest.mark.parametrize("total", [0, 1, -0.1, float("nan")])
def test_impossible_totals_are_refused(total):
    with pytest.raises(InputError, match="delta must be"):
        DeltaAccount(total)


def test_nothing_was_spent_at_first_and_sums_are_rounded_up():
    account = DeltaAccount(0.5)
    assert account.spent == 0
    for _ in range(3):
        account.spend(0.1)
    assert Fraction(account.spent) >= 3 * Fraction(0.1) > Fraction(account.spent) - Fraction(1, 2**53)


def test_all_of_it_can_be_spent():
    account = DeltaAccount(0.5)
    assert account.spend(0.5) == 0.5
    with pytest.raises(InputError, match=r"^delta 0.25 exceeds what is left of the account: 0 of 0.5$"):
        account.spend(0.25)


@pytest.mark.parametrize("share", [0, 1, -0.1])
def test_impossible_shares_are_refused(share):
    with pytest.raises(InputError, match=rf"^delta must be > 0 and < 1, got {share}$"):
        DeltaAccount(0.5).spend(share)


def test_what_is_left_is_split_and_rounded_down():
    account = DeltaAccount(0.5)
    account.spend(0.125)
    assert account.split(3) == [0.125] * 3
    assert split_delta(0.5, 4) == 0.125
    assert split_delta(0.5, 1) == 0.5
    assert 0.1 - 1e-15 < 3 * split_delta(0.1, 3) <= 0.1
