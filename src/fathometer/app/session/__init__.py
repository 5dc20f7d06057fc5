"""How questions and answers travel, whatever carries them: frames, turns, sessions."""

from fathometer.app.session._frames import (
    BadFrameError as BadFrameError,
    numbers as numbers,
    pack_frame as pack_frame,
    read_frame as read_frame,
)
from fathometer.app.session._session import LeftError as LeftError, Session as Session
from fathometer.app.session._turns import Turns as Turns
