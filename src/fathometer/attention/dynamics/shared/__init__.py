"""One system on many devices: each keeps its part of the tokens, and blocks of keys travel around a ring."""

from fathometer.attention.dynamics.shared._cost import (
    H100 as H100,
    Machine as Machine,
    SheetNumbers as SheetNumbers,
    fitted_machine as fitted_machine,
    machine_of as machine_of,
    pair_flops as pair_flops,
    predicted_seconds as predicted_seconds,
    turn_bytes as turn_bytes,
)
from fathometer.attention.dynamics.shared._ring import Ring as Ring, mesh_of as mesh_of
from fathometer.attention.dynamics.shared._simulate import simulate_shared as simulate_shared
from fathometer.attention.dynamics.shared._tile import Kernel as Kernel
from fathometer.attention.dynamics.shared._velocity import shared_velocity as shared_velocity
from fathometer.numerics import keep_float64

keep_float64(__name__)
