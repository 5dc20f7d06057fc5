from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from fathometer.evidence import InputError
from fathometer.generalization import DeltaAccount


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
