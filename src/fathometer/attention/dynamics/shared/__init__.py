"""One system on many devices: each keeps its part of the tokens, and blocks of keys travel around a ring."""

from fathometer.attention.dynamics.shared._ring import Ring as Ring, mesh_of as mesh_of
from fathometer.attention.dynamics.shared._simulate import simulate_shared as simulate_shared
from fathometer.attention.dynamics.shared._tile import Kernel as Kernel
from fathometer.attention.dynamics.shared._velocity import shared_velocity as shared_velocity
from fathometer.numerics import keep_float64

keep_float64(__name__)
