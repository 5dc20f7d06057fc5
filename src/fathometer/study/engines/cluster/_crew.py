"""The workers: who is there, who is fit, and who computes what."""

from dataclasses import dataclass, field

from fathometer.study.engines.cluster._work import Batch


@dataclass
class Member:
    """A worker.

    Attributes:
        address: of Dask.
        lanes: threads; it computes as many batches at the same time.
        first: whether it was there before any worker had got something.
        machine: host and process; empty until it has said so.
        fit: whether it has the versions of this machine.
        batches: that it has been given, in the order in which it computes them.
    """

    address: str
    lanes: int
    first: bool
    machine: str = ""
    fit: bool = False
    batches: dict[int, Batch] = field(default_factory=dict)

    def begun(self) -> set[int]:
        """Numbers of the batches that it computes now; the others wait there."""
        return set(list(self.batches)[: self.lanes])

    def room(self, short: bool) -> int:
        """Batches that it may be given; one more than it computes if they are short."""
        return self.lanes + short - len(self.batches) if self.fit else 0


class Crew:
    """The workers by address."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._places: dict[int, Member] = {}

    def join(self, address: str, lanes: int, *, first: bool) -> bool:
        """Take in a worker; whether it is new.

        Args:
            address: of Dask.
            lanes: threads.
            first: whether it was there before any worker had got something.
        """
        if address in self._members:
            return False
        self._members[address] = Member(address, lanes, first)
        return True

    def member(self, address: str) -> Member | None:
        """The worker at an address, if it is there."""
        return self._members.get(address)

    def leave(self, address: str) -> Member | None:
        """Let a worker go; it still knows what it was given."""
        member = self._members.pop(address, None)
        for number in member.batches if member else ():
            del self._places[number]
        return member

    def lanes(self) -> int:
        """Batches that can be computed at the same time."""
        return sum(member.lanes for member in self._members.values() if member.fit)

    def free(self, short: bool) -> Member | None:
        """The worker with the most room, None if there is none."""
        most = max(self._members.values(), key=lambda member: member.room(short), default=None)
        return most if most is not None and most.room(short) > 0 else None

    def give(self, member: Member, batch: Batch) -> None:
        """Note that a worker has a batch."""
        member.batches[batch.number] = batch
        self._places[batch.number] = member

    def finish(self, number: int) -> Batch | None:
        """Note that a batch has ended, and return it; None if its worker has left before."""
        member = self._places.pop(number, None)
        return member.batches.pop(number) if member else None

    def batches(self) -> list[Batch]:
        """All that workers have."""
        return [member.batches[number] for number, member in self._places.items()]
