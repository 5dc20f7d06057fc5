"""Provenance: what it takes to get a result again."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fathometer.evidence.values._record import Record


@dataclass(frozen=True, eq=False)
class Provenance(Record):
    """Seed, versions, device and precision of a computation.

    Attributes:
        seed: the one integer that every random choice came from; None if nothing was random.
        device: where it ran, such as "cpu".
        precision: of its arithmetic, such as "float64".
        versions: version by package, Python included.
        origin: where recorded or shipped data came from, and under which licence; empty for computed data.
    """

    seed: int | None = None
    device: str = "cpu"
    precision: str = "float64"
    versions: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    @classmethod
    def here(
        cls,
        seed: int | None = None,
        packages: Sequence[str] = ("fathometer", "numpy", "scipy"),
        device: str = "cpu",
        precision: str = "float64",
        origin: str = "",
    ) -> "Provenance":
        """Record this interpreter and the installed versions of the named packages, without importing them.

        Args:
            seed: that every random choice comes from; None if nothing is random.
            packages: names of distributions; one that is missing is recorded as "not installed".
            device: where it runs.
            precision: of its arithmetic.
            origin: where recorded or shipped data come from, and under which licence.
        """
        versions = {"python": platform.python_version()} | {name: _version(name) for name in packages}
        return cls(seed, device, precision, versions, origin)


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # slow to import, and few need it

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
