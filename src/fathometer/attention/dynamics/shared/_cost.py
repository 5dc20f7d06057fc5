"""What a right-hand side on the ring costs: a model of four numbers of a machine, measured or from a data sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from fathometer.evidence import InputError, Record, finite_number, whole_number

_VECTOR_OPERATIONS = 45
"""Operations for a pair beside the products: an exponential (about 30), the largest exponent, masses, sums."""
_PASSES = 5
"""Times that a number of the tile goes to or from memory: out of a product, to the largest, twice to the weights, to
the other product."""
_SUSTAINED = {"products": 0.6, "vectors": 0.5, "memory": 0.7, "link": 0.8}
"""Shares of the numbers of a data sheet that are assumed to be achieved."""


@dataclass(frozen=True)
class Machine(Record):
    """A ring of equal devices.

    Attributes:
        name: what is shown.
        flops: floating-point operations a second that a device achieves in products of tiles, above 0.
        pair_seconds: seconds that a pair of tokens takes beside the products, not negative.
        bandwidth: bytes a second from a device to the next, above 0.
        latency: seconds that a message takes beside its bytes, not negative.
        number: bytes of a number, 8 or 4.

    Raises:
        InputError: if a value is not as above.
    """

    name: str
    flops: float
    pair_seconds: float
    bandwidth: float
    latency: float
    number: int = 8

    def __post_init__(self) -> None:
        finite_number("flops", self.flops, above=0)
        finite_number("pair_seconds", self.pair_seconds, at_least=0)
        finite_number("bandwidth", self.bandwidth, above=0)
        finite_number("latency", self.latency, at_least=0)
        if self.number not in (4, 8):
            raise InputError(f"number must be 4 or 8 bytes, got {self.number}")


def pair_flops(d: int) -> int:
    """Operations of the two products for a pair: <x, y> in dimension d, and the weight times y and 1."""
    return 2 * d + 2 * (d + 1)


def turn_bytes(n: int, d: int, devices: int, number: int = 8) -> int:
    """Bytes that a device sends in a turn: its rows, each d coordinates and a mass.

    Args:
        n: number of tokens.
        d: their dimension.
        devices: in the ring.
        number: bytes of a number.
    """
    return -(-n // devices) * (d + 1) * number


def predicted_seconds(n: int, d: int, devices: int, machine: Machine) -> float:
    """Seconds of one right-hand side of n tokens on the ring, by products.

    The ring takes as many turns as it has devices. In each a device makes the tiles of n/devices tokens with as many
    keys, while the next keys are on their way but in the last turn: a turn takes the longer of the two.

    Args:
        n: number of tokens, >= 1.
        d: their dimension, >= 2.
        devices: in the ring, >= 1.
        machine: what they achieve.

    Raises:
        InputError: if a number is not as above.
    """
    n, d = whole_number("n", n, at_least=1), whole_number("d", d, at_least=2)
    devices = whole_number("devices", devices, at_least=1)
    tiles = (-(-n // devices)) ** 2 * (pair_flops(d) / machine.flops + machine.pair_seconds)
    transfer = machine.latency + turn_bytes(n, d, devices, machine.number) / machine.bandwidth
    return (devices - 1) * max(tiles, transfer) + tiles


@dataclass(frozen=True)
class SheetNumbers(Record):
    """Peaks of a device, as its data sheet has them.

    Attributes:
        name: of the device and the precision.
        products: operations a second in matrix products.
        vectors: operations a second elsewhere.
        memory: bytes a second to and from its memory.
        link: bytes a second, one way, to a device of the same host.
        network: bytes a second, one way, to one of another host.
        number: bytes of a number.
    """

    name: str
    products: float
    vectors: float
    memory: float
    link: float
    network: float
    number: int = 8


H100 = {
    "float64": SheetNumbers("H100 SXM, float64", 67e12, 34e12, 3.35e12, 450e9, 50e9, 8),
    "float32": SheetNumbers("H100 SXM, float32", 67e12, 67e12, 3.35e12, 450e9, 50e9, 4),
}
"""Published: 67 Tflop/s in float64 on tensor cores and in float32 without them, 34 in float64 without; 3.35 TB/s;
NVLink 900 GB/s in both directions together; a network of 400 Gbit/s for each device."""


def machine_of(sheet: SheetNumbers, *, hosts: bool = False, latency: float = 2e-5) -> Machine:
    """What a device is assumed to achieve of its data sheet.

    Products 0.6, other operations 0.5 (45 a pair), memory 0.7 (5 passes over a tile, which no cache holds), links 0.8.

    Args:
        sheet: its peaks.
        hosts: whether the ring leaves a host, whose slower network then sets the pace.
        latency: of a message, in seconds.
    """
    beside = _VECTOR_OPERATIONS / (_SUSTAINED["vectors"] * sheet.vectors)
    beside += _PASSES * sheet.number / (_SUSTAINED["memory"] * sheet.memory)
    link = _SUSTAINED["link"] * (sheet.network if hosts else sheet.link)
    return Machine(sheet.name, _SUSTAINED["products"] * sheet.products, beside, link, latency, sheet.number)


def fitted_machine(
    name: str,
    runs: Sequence[tuple[int, int, float]],
    transfers: Sequence[tuple[int, float]],
    number: int = 8,
) -> Machine:
    """The machine whose predictions are closest to what was measured, in relative terms.

    Args:
        name: what is shown.
        runs: n, d and seconds of right-hand sides on one device, for two dimensions at least.
        transfers: bytes and seconds of messages around the ring, for two sizes at least.
        number: bytes of a number.

    Raises:
        InputError: if there are too few to tell the parts from each other.
    """
    if len({d for _, d, _ in runs}) < 2 or len({size for size, _ in transfers}) < 2:
        raise InputError(f"runs and transfers must be of two sizes, got {len(runs)} and {len(transfers)}")
    flop, pair = _least_squares([(n**2 * pair_flops(d), n**2) for n, d, _ in runs], [t for *_, t in runs])
    byte, message = _least_squares([(size, 1) for size, _ in transfers], [t for _, t in transfers])
    return Machine(name, 1 / max(flop, 1e-30), pair, 1 / max(byte, 1e-30), message, number)


def _least_squares(terms: Sequence[tuple[float, float]], seconds: Sequence[float]) -> tuple[float, float]:
    """Coefficients of two terms, not negative, with the least relative errors."""
    rows = np.asarray(terms, float) / np.asarray(seconds, float)[:, None]
    scale = np.max(rows, axis=0)
    found, _ = nnls(rows / scale, np.ones(len(rows)))
    return float(found[0] / scale[0]), float(found[1] / scale[1])
