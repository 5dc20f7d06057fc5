"""The viewers in a notebook."""

import asyncio
from functools import cache
from typing import Any

import anywidget
import traitlets

from fathometer.app._assets import assets
from fathometer.app.questions import VIEWS
from fathometer.app.session import Session, Turns
from fathometer.evidence import InputError


class Widget(anywidget.AnyWidget):
    """One view of the live page as a widget; `state` has the values of its controls."""

    state = traitlets.Dict().tag(sync=True)
    embed = traitlets.Bool(False).tag(sync=True)
    projector = traitlets.Bool(False).tag(sync=True)

    def __init__(self, view: str, **traits: Any) -> None:
        built = assets()
        super().__init__(_esm=built[f"{view}.js"].decode(), _css=built["style.css"].decode(), **traits)
        self._session = Session(self._answer, _turns(), lambda error: self.log.error("an error", exc_info=error))
        self.on_msg(self._asked)

    def _asked(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        asyncio.get_running_loop().create_task(self._session.receive(content, b"".join(map(bytes, buffers))))

    async def _answer(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(header, buffers)


def viewer(view: str, *, embed: bool = False, projector: bool = False, **state: float | str | bool) -> Widget:
    """Return one view of the live page for a notebook (needs the extra `notebook`).

    Args:
        view: one of tokens, phase, layers, edge, certificates, theorems.
        embed: leave out the controls.
        projector: large type and strong contrast.
        **state: values of the controls, as the address of the page has them.

    Raises:
        InputError: if there is no such view, or the page is not built.
    """
    if view not in VIEWS:
        raise InputError(f"view must be one of {', '.join(VIEWS)}, got {view!r}")
    return Widget(view, state=state, embed=embed, projector=projector)


@cache
def _turns() -> Turns:
    return Turns()
