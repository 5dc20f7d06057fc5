"""A figure as one file of the form that its name asks for."""

import io
from pathlib import Path

from fathometer.evidence import InputError, Provenance
from fathometer.report._figure import Figure
from fathometer.report._files import write_bytes
from fathometer.report._page import Report, Section
from fathometer.report.panels._charts import FORMS, render
from fathometer.report.panels._gallery import film, photographed

FILMS = ("gif", "mp4")
PICTURES = (*FORMS, "html", *FILMS)
FRAMES_PER_SECOND = 12


def picture_form(path: Path) -> str:
    """Return the form of a picture, which is the ending of its name: svg, png, pdf, html, gif or mp4.

    Raises:
        InputError: if it is none of these.
    """
    form = path.suffix[1:].lower()
    if form not in PICTURES:
        raise InputError(f"a figure must be named *.{', *.'.join(PICTURES)}, got {str(path)!r}")
    return form


def write_picture(path: Path, figure: Figure, provenance: Provenance) -> None:
    """Write a figure in one step: its charts side by side, as a page, or its frames as a film.

    Args:
        path: its ending is the form.
        figure: what to draw.
        provenance: for the foot of a page.

    Raises:
        InputError: if the ending is unknown, a film of nothing that moves is asked for, or no encoder is there.
    """
    form = picture_form(path)
    if form == "html":
        drawn = figure_page(figure, provenance).encode()
    elif form in FILMS:
        drawn = _filmed(figure, form)
    else:
        drawn = render(figure.charts, form)
    write_bytes(path, drawn)


def figure_page(figure: Figure, provenance: Provenance) -> str:
    """Return one HTML page with the charts, the table and the verdicts of a figure.

    Args:
        figure: what to show.
        provenance: for the foot.
    """
    header = ("quantity", "expected", "measured")
    rows = tuple((row.quantity, row.expected, row.measured) for row in figure.rows)
    title = figure.title or figure.name
    section = Section(title, (), figure.charts, figure.verdicts, header if rows else (), rows)
    return Report(title, (section,), provenance).html()


def _filmed(figure: Figure, form: str) -> bytes:
    if not figure.frames:
        raise InputError(
            f"a {form} shows tokens that move on the circle or the sphere (d = 2, 3): take svg, png, pdf or html"
        )
    return film(figure.frames, FRAMES_PER_SECOND) if form == "gif" else _encoded(figure)


def _encoded(figure: Figure) -> bytes:
    """The frames as H.264 in an MP4 container, which browsers and slides play.

    Raises:
        InputError: if the encoder is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise InputError("an mp4 needs av: pip install 'fathometer[movie]', or take gif") from error
    data, images = io.BytesIO(), list(photographed(figure.frames))
    with av.open(data, "w", format="mp4") as container:
        stream = container.add_stream("h264", rate=FRAMES_PER_SECOND)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image.copy(), format="rgb24")))
        container.mux(stream.encode())
    return data.getvalue()
