"""One report about a network: the three questions, and a small network to ask them of."""

from fathometer.network.inspection._asked import Announce as Announce
from fathometer.network.inspection._demo import Demo as Demo, demo as demo, demo_network as demo_network
from fathometer.network.inspection._digits_transformer import digits_transformer as digits_transformer
from fathometer.network.inspection._inspect import (
    inspect as inspect,
    inspect_demo as inspect_demo,
    none_answered as none_answered,
)
from fathometer.numerics import keep_float64

keep_float64(__name__)
