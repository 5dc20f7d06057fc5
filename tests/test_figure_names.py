"""Every figure list names each figure once."""

import pytest

from fathometer.attention import figures as attention
from fathometer.deep_linear import figures as deep_linear
from fathometer.evidence import InputError
from fathometer.generalization import figures as generalization
from fathometer.report import FigureSettings


@pytest.mark.parametrize("figures", [attention, deep_linear, generalization])
def test_each_name_is_listed_once(figures):
    assert len(set(figures.NAMES)) == len(figures.NAMES)
    with pytest.raises(InputError) as refused:
        figures.draw("nope", FigureSettings())
    listed = str(refused.value).split("known: ")[1].replace(" or ", ", ").split(", ")
    assert len(set(listed)) == len(listed)
