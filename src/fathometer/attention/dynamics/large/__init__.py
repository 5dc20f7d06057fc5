"""Large systems: tiles, series for a million tokens in dimensions 2 and 3, neighbour lists at large beta."""

from fathometer.attention.dynamics.large._circle import CircleSeries as CircleSeries
from fathometer.attention.dynamics.large._field import (
    Field as Field,
    Method as Method,
    Precision as Precision,
    evaluate_field as evaluate_field,
)
from fathometer.attention.dynamics.large._nearby import NearbyMotion as NearbyMotion, nearby_motion as nearby_motion
from fathometer.attention.dynamics.large._simulate import simulate_large as simulate_large
from fathometer.attention.dynamics.large._sphere import SphereSeries as SphereSeries
from fathometer.attention.dynamics.large._tiles import tiled_interaction as tiled_interaction
from fathometer.numerics import keep_float64

keep_float64(__name__)
