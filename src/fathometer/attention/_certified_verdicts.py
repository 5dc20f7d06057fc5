"""What a run certifies about its collapse, with its verdicts, as values for a document."""

from dataclasses import dataclass
from typing import Any

from fathometer.attention.dynamics.certified import CertifiedCollapse, certified_collapse, late_approach
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._late_rate import late_rate
from fathometer.attention.observables.clusters._clusters import log_meeting_time
from fathometer.attention.theorems.hemisphere import certified_collapse as statement, one_cluster_rate
from fathometer.evidence import Trajectory, Verdict


@dataclass(frozen=True, eq=False)
class CollapseCertificate:
    """A run's certified collapse and its last approach.

    Attributes:
        run: as it was given; None if no states were kept.
        certified: what it certifies.
        late: the last approach; None if it could not be had.
    """

    run: Trajectory | None
    certified: CertifiedCollapse
    late: Trajectory | None

    def verdicts(self) -> list[tuple[str, Verdict]]:
        """The theorems on both, held against them, each with its case."""
        found = []
        if self.run is not None and self.certified.first is not None:
            measured = self.run.measure(log_meeting_time)
            found.append(("certified at first", statement.THEOREM.judge(self.certified.first, measured)))
        if self.late is not None:
            found.append(("last approach", one_cluster_rate.THEOREM.test(self.late)))
        return found

    def to_json(self) -> dict[str, Any]:
        """Return {certified, not_certified, late_rate} as JSON values."""
        return {
            "certified": self.certified.to_json(),
            "not_certified": self.certified.reason or None,
            "late_rate": None if self.late is None else self._rate(self.late),
        }

    def text(self) -> str:
        """Return both in a few sentences."""
        if self.late is None:
            return self.certified.text()
        model = ParticleSystem.expect(self.late.problem).model
        unit = "" if model is Model.SA else ", exp(beta) in the time of the kernel exp(beta <x, y>)"
        seen = self.late.measure(late_rate).text(8)
        return f"{self.certified.text()}\nRate of the last approach: {seen} measured, 1 in the limit{unit}."

    @staticmethod
    def _rate(late: Trajectory) -> dict[str, Any]:
        return {"measured": late.measure(late_rate).to_json(), "limit": 1.0}


def collapse_certificate(run: Trajectory | None, room: float = 0.0, reason: str = "") -> CollapseCertificate:
    """Certify the collapse of a run, and follow its last approach.

    Args:
        run: of plain tokens, along time or log time; None if there is none.
        room: as for `certified_collapse`.
        reason: why there is no run, in a few words.
    """
    if run is None:
        return CollapseCertificate(None, CertifiedCollapse.without(reason), None)
    return CollapseCertificate(run, certified_collapse(run, room), late_approach(run))
