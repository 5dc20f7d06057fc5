"""A ring of devices, and how the tokens are laid on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float

from fathometer.attention.dynamics.large._tiles import usual_tile
from fathometer.evidence import InputError, Record, whole_number

Device = Any
"""A device of JAX, whose class has no public name for types."""
AXIS = "ring"
"""Name of the axis of devices."""
_STEP = 8
"""Rows of a tile are a multiple of this, which suits vectors of any width."""


def mesh_of(devices: int | str | Sequence[Device] = "all") -> Mesh:
    """Devices in a row, each the neighbour of the next and the last of the first.

    Args:
        devices: how many of those that JAX sees on all hosts, "all" of them, or the devices themselves.

    Raises:
        InputError: if there are not so many.
    """
    seen = jax.devices()
    if isinstance(devices, int | str):
        chosen = seen if devices == "all" else seen[: _count(devices, seen)]
    else:
        chosen = list(devices)
    if not chosen:
        raise InputError("devices must be at least one, got none")
    return Mesh(np.array(chosen), (AXIS,))


def _count(asked: int | str, seen: Sequence[Device]) -> int:
    """How many devices are asked for.

    Raises:
        InputError: if that is no number, or there are fewer.
    """
    if isinstance(asked, str) and not asked.lstrip("-").isdigit():
        raise InputError(f"devices must be all or a whole number, got {asked!r}")
    count = whole_number("devices", asked, at_least=1)
    if count > len(seen):
        kind, there = seen[0].platform, len(seen)
        more = f"; XLA_FLAGS=--xla_force_host_platform_device_count={count} makes more" if kind == "cpu" else ""
        raise InputError(f"devices must be all or between 1 and {there}, got {count}: JAX sees {there} ({kind}){more}")
    return count


@dataclass(frozen=True)
class Ring(Record):
    """Devices that share the tokens: each keeps its part, and blocks of keys travel from one to the next.

    Attributes:
        mesh: see `mesh_of`.
        tile: most tokens on a side of a tile, a multiple of 8.

    Raises:
        InputError: if the tile is no such number, or the mesh is no row.
    """

    mesh: Mesh
    tile: int

    def __post_init__(self) -> None:
        tile = whole_number("tile", self.tile, at_least=_STEP)
        if tile % _STEP:
            raise InputError(f"tile must be a multiple of {_STEP}, got {tile}")
        if self.mesh.axis_names != (AXIS,):
            raise InputError(f"mesh must have the one axis {AXIS!r} as that of mesh_of, got {self.mesh.axis_names}")

    @classmethod
    def of(cls, devices: int | str | Sequence[Device] = "all", tile: int | None = None) -> "Ring":
        """Build the ring of some devices, with tiles that suit them.

        Args:
            devices: as for `mesh_of`.
            tile: see above.
        """
        return cls(mesh_of(devices), usual_tile() if tile is None else tile)

    @property
    def size(self) -> int:
        """Number of devices."""
        return self.mesh.size

    def side(self, n: int) -> int:
        """Tokens on a side of the tiles when n tokens are shared: about equal tiles, so that few rows are padded."""
        each = -(-n // self.size)
        return _STEP * -(-each // (_STEP * self.tiles(n)))

    def tiles(self, n: int) -> int:
        """Tiles that a device has of n tokens."""
        return -(-n // (self.size * self.tile))

    def rows(self, n: int) -> int:
        """Rows of all devices when n tokens are shared; those after the n-th are padding."""
        return self.size * self.tiles(n) * self.side(n)

    @property
    def sharding(self) -> NamedSharding:
        """Rows of an array, divided among the devices."""
        return NamedSharding(self.mesh, PartitionSpec(AXIS))

    def share(self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]) -> tuple[Array, Array]:
        """Points and masses on the devices; each takes its part only. Padding is a unit vector of mass zero.

        Args:
            points: the same on every host.
            masses: likewise.
        """
        pole = np.eye(1, points.shape[1], dtype=points.dtype)
        return self._placed(points, pole), self._placed(masses, np.zeros(1, masses.dtype))

    def _placed(self, array: np.ndarray, filler: np.ndarray) -> Array:
        n = len(array)

        def part(index: Any) -> np.ndarray:
            first, last, _ = index[0].indices(self.rows(n))
            own = array[first:last]
            return np.concatenate([own, np.repeat(filler, last - first - len(own), axis=0)])

        return jax.make_array_from_callback((self.rows(n), *array.shape[1:]), self.sharding, part)

    def gather(self, shared: Array, n: int) -> np.ndarray:
        """Rows of all devices as one array on every host, without padding.

        Args:
            shared: rows as `share` lays them.
            n: number of tokens.
        """
        whole = shared if shared.is_fully_addressable else multihost_utils.process_allgather(shared, tiled=True)
        return np.asarray(whole)[:n]
