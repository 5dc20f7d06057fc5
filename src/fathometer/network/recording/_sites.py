"""Names of the places at which a network is recorded, and patterns of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fathometer.evidence import InputError

PRE, POST, ATTENTION, MLP = "resid_pre", "resid_post", "attn_out", "mlp_out"
PARTS = (PRE, ATTENTION, MLP, POST)
NORM_PRE, NORM_POST = "final_norm.pre", "final_norm.post"
RESIDUAL = "blocks.*.resid_*"
STANDARD = ("blocks.", "final_norm.", "*")


def site(block: int, part: str) -> str:
    """Name of a place in a block, such as blocks.3.resid_pre.

    Args:
        block: number of the block, from 0.
        part: one of `PARTS`.
    """
    return f"blocks.{block}.{part}"


@dataclass(frozen=True)
class Sites:
    """Patterns of names, as in a shell.

    Attributes:
        patterns: each of them is enough.
    """

    patterns: tuple[str, ...]

    @classmethod
    def read(cls, patterns: str | Iterable[str]) -> "Sites":
        """Read patterns, several separated by commas; "residual" is the residual stream of all blocks.

        Raises:
            InputError: if a pattern is not text.
        """
        given = patterns.split(",") if isinstance(patterns, str) else list(patterns)
        if not all(isinstance(each, str) for each in given):
            raise InputError(f"sites must be names or patterns, got {patterns!r}")
        names = [each.strip() for each in given]
        return cls(tuple(RESIDUAL if name == "residual" else name for name in names if name))

    def match(self, name: str) -> bool:
        """Whether a place is among them."""
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)

    def match_block(self, block: int) -> bool:
        """Whether a place of a block is among them; names of modules say which modules are blocks, and mean all."""
        return not self.standard or any(self.match(site(block, part)) for part in PARTS)

    @property
    def standard(self) -> bool:
        """Whether they are names of this package, and not of modules."""
        return all(pattern.startswith(STANDARD) for pattern in self.patterns)
