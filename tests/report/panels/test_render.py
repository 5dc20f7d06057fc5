import io

import numpy as np
import pytest
from matplotlib.image import imread

from fathometer.evidence import InputError
from fathometer.report import Chart, Curve, Role, checked_format, render, write_bytes


def chart(curves=1):
    parts = tuple(Curve(f"curve {k}", [1.0, 2.0], [1.0 + k, 3.0], Role.PREDICTED) for k in range(curves))
    return Chart("title", "x", "y", parts)


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_every_format_twice_the_same(form, start):
    first, again = render([chart()], form), render([chart()], form)
    assert first.startswith(start)
    assert first == again


def test_panels_stand_two_in_a_row():
    shapes = [imread(io.BytesIO(render([chart()] * count, "png"))).shape for count in (1, 2, 3)]
    assert np.isclose(shapes[1][1], 2 * shapes[0][1], rtol=0.01)
    assert np.isclose(shapes[2][0], 2 * shapes[1][0], rtol=0.01)
    assert shapes[2][1] == shapes[1][1]


def test_all_titles_and_labels_are_there():
    text = render([chart(8)], "svg").decode()
    assert all(word in text for word in ("title", "curve 7"))


def test_other_formats_are_refused():
    with pytest.raises(InputError, match="format must be one of svg, png, pdf, got 'gif'"):
        render([chart()], "gif")
    assert checked_format("png") == "png"


def test_bytes_are_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "file"
    write_bytes(path, b"old")
    write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(TypeError):
        write_bytes(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]
