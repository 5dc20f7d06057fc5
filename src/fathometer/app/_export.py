"""The page as one file that needs no server: the viewers, and the answers that they begin with."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fathometer.app._assets import assets
from fathometer.app.questions import VIEWS, Question, view_questions
from fathometer.app.session import numbers
from fathometer.report import write_bytes

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "worker-src blob:; base-uri 'none'; form-action 'none'"
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>fathometer</title><link rel="icon" href="data:,"><style>{style}</style></head>
<body><script type="application/json" id="recorded">{recorded}</script>
<script type="module">{script}</script></body></html>
"""


def export_page(path: Path, states: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Write the page as one HTML file.

    The worker of the page simulates tokens there too; other questions have the answers that were recorded.

    Args:
        path: the file.
        states: values of controls by view, where they are to begin elsewhere than usual.

    Raises:
        InputError: if the page is not built.
    """
    built = assets()
    recordings = [recording for view in VIEWS for asked in view_questions(view) for recording in _recordings(asked)]
    recorded = json.dumps({"recordings": recordings, "states": states or {}}, allow_nan=False, separators=(",", ":"))
    page = PAGE.format(
        policy=POLICY,
        style=_inside(built["style.css"].decode(), "style"),
        recorded=recorded.replace("<", "\\u003c"),
        script=_inside(built["exported.js"].decode(), "script"),
    )
    write_bytes(path, page.encode())


def _recordings(asked: Question) -> list[dict[str, Any]]:
    return [
        {"ask": asked.name, "with": dict(given), "answers": [_recorded(*answer) for answer in asked.answers(given)]}
        for given in asked.recorded
    ]


def _recorded(document: dict[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    named, buffers = numbers(arrays)
    coded = (base64.b64encode(buffer).decode() for buffer in buffers)
    return {
        "document": document,
        "arrays": [entry | {"values": text} for entry, text in zip(named, coded, strict=True)],
    }


def _inside(text: str, tag: str) -> str:
    """The text so that it does not end the element that it stands in."""
    return text.replace(f"</{tag}", f"<\\/{tag}")
