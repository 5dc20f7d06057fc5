import io
import re

import numpy as np
import pytest
from PIL import Image

from fathometer.evidence import Estimate, InputError
from fathometer.report import Figure, Gallery, Histogram, OnSphere, Ranges, film, render

CIRCLE = np.array([[1.0, 0.0], [0.0, 1.0]])
SPHERE = np.eye(3)
EDGES = np.linspace(-1, 1, 5)


def panels():
    small = OnSphere("near", CIRCLE, np.stack([CIRCLE, CIRCLE[::-1]]))
    ball = OnSphere("ball", np.concatenate([SPHERE, -SPHERE]), view=(30.0, 10.0), edges=[[0, 1], [3, 4]])
    bars = Histogram("density", "cosine", "density", EDGES, {"a": [1, 2, 3, 4], "b": [4, 3, 2, 1]}, log_y=True)
    return small, ball, bars, Gallery("all", (small, ball, small, ball), columns=3)


def test_panels_draw_beside_each_other_and_alone():
    for form, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        assert render(panels(), form).startswith(start)
    for panel in panels():
        assert panel.svg().startswith("<svg")


def test_the_near_side_of_the_sphere():
    ball = OnSphere("ball", SPHERE, view=(0.0, 0.0))
    seen, front = ball._seen(np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    np.testing.assert_allclose(seen, [[0, 0], [0, 0], [1, 0], [0, 1]], atol=1e-15)
    assert front[:2].tolist() == [True, False]


def test_a_film_has_its_frames():
    made = Image.open(io.BytesIO(film([OnSphere(f"t = {t}", CIRCLE[[t]]) for t in (0, 1)], 10)))
    assert (made.format, made.n_frames, made.info["duration"]) == ("GIF", 2, 100)


def test_a_figure_writes_all_its_files(tmp_path):
    figure = Figure("two", panels()[:1], (), {"x": np.arange(3.0)}, files={"gif": b"GIF89a"})
    assert figure.write(tmp_path, "svg") == tmp_path / "two.svg"
    assert {path.name for path in tmp_path.iterdir()} == {"two.svg", "two.npz", "two.gif"}


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(InputError, match=r"points of 't' must have shape \(n, 2\) or \(n, 3\), got \(2, 4\)"):
        OnSphere("t", np.ones((2, 4)))
    with pytest.raises(InputError, match=r"histogram 'h' must have at least one density, each of shape \(4,\)"):
        Histogram("h", "x", "y", EDGES, {"a": [1, 2, 3]})
    with pytest.raises(InputError, match="at least one density"):
        Histogram("h", "x", "y", EDGES, {})


def test_ranges_have_a_line_for_each_value():
    values = Estimate.sampled([1.0, 2.0], [0.5, 2.0], [1.5, 3.0], 0.9)
    drawn = Ranges("parts", "largest eigenvalue", ("first part", "second part"), values, 2.5, "whole").svg()
    assert drawn.startswith("<svg")
    tall = Ranges("parts", "largest eigenvalue", ("first part", "second part") * 9, stacked(values), 2.5, "whole").svg()
    assert height(tall) > height(drawn)


def stacked(values):
    return Estimate.sampled(*(np.tile(end, 9) for end in (values.value, values.lower, values.upper)), 0.9)


def height(svg):
    return float(re.search(r'viewBox="0 0 [0-9.]+ ([0-9.]+)"', svg)[1])
