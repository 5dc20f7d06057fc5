"""The live page: the three theories under one's hands, in a browser, in a notebook and as one file.

Viewers (`frontend/`) ask questions; `questions/` answers them from the theories; `session/` carries both over a socket
or a notebook's messages; `server/` is the page on the loopback.
"""

from typing import Any

from fathometer.app._assets import assets as assets
from fathometer.app._export import export_page as export_page
from fathometer.app.questions import Brought as Brought
from fathometer.app.server import serve as serve


def __getattr__(name: str) -> Any:
    """Import `viewer`, which needs the extra `notebook`, when it is asked for.

    Raises:
        AttributeError: if it is another name.
    """
    if name != "viewer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fathometer.app._widget import viewer

    return viewer
