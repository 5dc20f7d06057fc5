"""How the published algorithms are run: as the theorems ask, or as the authors' code does."""

from dataclasses import dataclass

from fathometer.evidence import Record, finite_number, whole_number


@dataclass(frozen=True)
class Options(Record):
    """Options of both algorithms. The defaults keep the hypotheses of the theorems.

    Attributes:
        clip: whether the multi-margin loss is clipped to [0, 1], in training as in the certificates.
        learned_scale: whether the scores are multiplied by exp(s), s learnt and left out of every distance.
        shuffle: whether batches are drawn in a new order in each epoch; else in the order of the rows.
        cover: whether every row is in a block; else the blocks have int(m/K) rows each and the rest is in none.
        batch: rows of a batch.
        steps: steps of each training, rounded up to whole epochs.
        alpha: of COCOB, >= 1.
        inner_steps: gradient steps in each round of the online algorithm.
        barrier: t of the log-barrier extension.

    Raises:
        InputError: if a number is not in its range.
    """

    clip: bool = True
    learned_scale: bool = False
    shuffle: bool = True
    cover: bool = True
    batch: int = 100
    steps: int = 20_000
    alpha: float = 100_000.0
    inner_steps: int = 10
    barrier: float = 100.0

    def __post_init__(self) -> None:
        for name in ("batch", "steps", "inner_steps"):
            whole_number(name, getattr(self, name), at_least=1)
        finite_number("alpha", self.alpha, at_least=1)
        finite_number("barrier", self.barrier, above=0)

    @classmethod
    def published(cls, steps: int = 20_000) -> "Options":
        """What the authors' code does: unclipped loss, learned scale, rows in order, a rest that is in no block."""
        return cls(clip=False, learned_scale=True, shuffle=False, cover=False, steps=steps)
