"""The page on the loopback: who may ask, what is served, where it listens."""

from fathometer.app.server._routes import make_app as make_app
from fathometer.app.server._serve import serve as serve
