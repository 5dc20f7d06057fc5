import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.report import Curve, HeatMap, Role, render

GRID = {"title": "t", "x_label": "x", "y_label": "y", "z_label": "z", "x": [0.0, 1.0, 2.0], "y": [0.0, 1.0]}


def test_a_heat_map_is_drawn_with_its_curves_and_labels():
    chart = HeatMap(**GRID, z=np.arange(6.0).reshape(2, 3), curves=(Curve("law", [0, 2], [0, 1], Role.PREDICTED),))
    assert chart.svg().startswith("<svg")
    assert "<image" in chart.svg()
    assert render([chart], "png").startswith(b"\x89PNG")
    assert render([chart], "svg") == render([chart], "svg")


def test_zeros_are_allowed_on_a_logarithmic_scale():
    assert HeatMap(**GRID, z=np.arange(6.0).reshape(2, 3), log_z=True).svg().startswith("<svg")


@pytest.mark.parametrize("z", [np.zeros((3, 2)), np.zeros(3)])
def test_the_grid_must_fit(z):
    with pytest.raises(InputError, match=r"must have z of shape \(2, 3\)"):
        HeatMap(**GRID, z=z)
