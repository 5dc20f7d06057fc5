import io
import re

import numpy as np
import pytest
from PIL import Image

from fathometer.evidence import InputError, Provenance
from fathometer.report import Chart, Comparison, Curve, Figure, OnSphere, Role, picture_form, write_picture

TIMES = np.linspace(0, 6, 5)
CHART = Chart("a sine", "t (s)", "x (1)", (Curve("predicted", TIMES, np.sin(TIMES), Role.PREDICTED),))
FRAMES = tuple(OnSphere(f"t = {t:g}", np.array([[np.cos(t), np.sin(t)]])) for t in TIMES)
FIGURE = Figure("sine", (CHART,), (Comparison("period", "6.28", "6.3"),), {}, title="Sines", frames=FRAMES)
SIGNATURES = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!doctype html>", "gif": b"GIF89a"}


@pytest.mark.parametrize("form", SIGNATURES)
def test_the_ending_of_the_name_is_the_form(tmp_path, form):
    path = tmp_path / "deep" / f"sine.{form.upper()}"
    write_picture(path, FIGURE, Provenance.here(3))
    assert path.read_bytes().startswith(SIGNATURES[form])


def test_a_page_has_charts_table_and_seed(tmp_path):
    write_picture(tmp_path / "sine.html", FIGURE, Provenance.here(3))
    page = (tmp_path / "sine.html").read_text()
    assert page.count("<svg") == 1
    assert "Seed 3" in page
    assert re.search(r"<td>period</td>\s*<td>6.28</td>\s*<td>6.3</td>", page)
    assert "<h1>Sines</h1>" in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page.replace("xlink:", "")) == []


def test_a_film_has_all_frames(tmp_path):
    write_picture(tmp_path / "sine.gif", FIGURE, Provenance.here())
    assert Image.open(io.BytesIO((tmp_path / "sine.gif").read_bytes())).n_frames == len(FRAMES)


def test_an_mp4_has_all_frames(tmp_path):
    av = pytest.importorskip("av")
    write_picture(tmp_path / "sine.mp4", FIGURE, Provenance.here())
    with av.open(tmp_path / "sine.mp4") as film:
        assert sum(1 for _ in film.decode(video=0)) == len(FRAMES)


def test_what_does_not_move_is_no_film(tmp_path):
    still = Figure("sine", (CHART,), (), {})
    with pytest.raises(InputError, match=r"a gif shows tokens that move on the circle or the sphere"):
        write_picture(tmp_path / "sine.gif", still, Provenance.here())


@pytest.mark.parametrize("name", ["sine", "sine.bmp", "svg"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"a figure must be named \*\.svg, .*\*\.mp4, got"):
        picture_form(tmp_path / name)
