"""One run of a large cloud: in common time, by clocks of its clusters' own, by the compiled steps of few clusters."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters, components
from fathometer.attention.dynamics.collapse._counters import Tally
from fathometer.attention.dynamics.collapse._drive import Run
from fathometer.attention.dynamics.collapse._status import CollapseStatus, Pace, Settings
from fathometer.attention.dynamics.collapse._wanted import Wanted
from fathometer.attention.dynamics.collapse.results._chains import begin
from fathometer.attention.dynamics.large.collapse._clocks import Clocks
from fathometer.attention.dynamics.large.collapse._continuum import Continuum
from fathometer.attention.dynamics.large.collapse._record import LastClusters
from fathometer.attention.dynamics.large.collapse._still import pulls_cancel
from fathometer.attention.dynamics.large.collapse._tree import Contact
from fathometer.attention.model._system import ParticleSystem

LAST_LOG_TIME = 600.0
"""Log of the time, in units of contraction, up to which velocities are far from the least numbers of float64."""

FEWEST = 32
"""Number of clusters from which on the compiled steps are as fast."""

_FINER = 0.0003
"""Tolerance of the second stage over that of the first: errors of its few clusters do not average out."""

_WIDER = 2.0
"""Merge chord of the second stage over that of the first."""

Report = Callable[["Course"], None]


@dataclass
class Course:
    """A run, and how far it has come.

    Attributes:
        system: the tokens at time 0.
        settings: of the compiled steps.
        continuum: the first stage.
        clocks: the second one; None before it, and where there was none.
        steps: the third one; None before it.
        status: how it ended; None before.
        last: with what the third one began; None before.
    """

    system: ParticleSystem
    settings: Settings
    continuum: Continuum
    clocks: Clocks | None = None
    steps: Run | None = None
    status: CollapseStatus | None = None
    last: LastClusters | None = None

    @property
    def clusters(self) -> int:
        """How many are left."""
        if self.steps is not None:
            return len(self.steps.cloud.alive)
        return len(self.continuum.masses) if self.clocks is None else self.clocks.alive

    @property
    def log_time(self) -> float:
        """Log of the time until which everything is known."""
        if self.steps is not None:
            return self.steps.log_time
        time = self.continuum.adams.time if self.clocks is None else self.clocks.time
        return math.log(time) if time > 0 else -math.inf

    @property
    def unresolved(self) -> int:
        """First rows of the tree whose times are later than their events: no event is seen before the second stage."""
        time = self.continuum.adams.time
        return int(np.sum(self.rows()[:, 2] <= (math.log(time) if time > 0 else -math.inf)))

    def finish(self, report: Report) -> CollapseStatus:
        """Run all stages that are left.

        Args:
            report: called now and then.
        """
        self.status = CollapseStatus.SADDLE if self._stands_still() else self._stages(report)
        report(self)
        return self.status

    def rows(self) -> Float[np.ndarray, "rows 4"]:
        """The merge tree so far."""
        return self.continuum.tree.with_contacts(self._contacts())

    def begin_clocks(self) -> Clocks:
        """Let the clusters that the first stage has left have clocks of their own."""
        adams, scales, beta = self.continuum.adams, self.continuum.scales, self.system.beta
        chords = _WIDER * scales.chord(beta), self.settings.event_chord
        arrays = adams.points, self.continuum.masses, adams.time
        self.clocks = Clocks(*arrays, beta, self.system.model, _FINER * scales.tolerance, chords)
        return self.clocks

    def _stands_still(self) -> bool:
        """Whether nothing tells, at the beginning, which of the tokens move."""
        adams, settings = self.continuum.adams, self.settings
        if adams.times or len(adams.points) == 1:
            return False
        scales = self.system.beta, settings.merge_chord, settings.tolerance
        return pulls_cancel(adams.points, self.continuum.masses, *scales)

    def _stages(self, report: Report) -> CollapseStatus:
        self.continuum.run(lambda _: report(self))
        return CollapseStatus.COLLAPSED if len(self.continuum.masses) == 1 else self._few(report)

    def _few(self, report: Report) -> CollapseStatus:
        clocks = self.clocks
        if clocks is None and self.system.beta > 0 and len(self.continuum.masses) > FEWEST:
            clocks = self.begin_clocks()
        if clocks is not None:
            clocks.run(math.exp(LAST_LOG_TIME) / self.continuum.pace, FEWEST, lambda _: report(self))
        self.steps = self._handed_over()
        return self.steps.finish(lambda _: report(self), Wanted(()))

    def _handed_over(self) -> Run:
        continuum, clocks, log_time = self.continuum, self.clocks, self.log_time
        points, masses = continuum.adams.points, continuum.masses
        if clocks is not None:
            points, masses = clocks.where(clocks.present, clocks.time), clocks.masses[clocks.present]
        few = ParticleSystem.project(points, self.system.beta, self.system.model, masses)
        self.last = LastClusters(few, log_time)
        clusters = replace(Clusters.of(few), born=np.full(len(masses), log_time))
        cloud = Cloud(clusters)
        begin(cloud, self.settings.event_chord)
        pace = Pace(log_time, 0.05 * self.settings.length, -math.inf, 6.0, 0, ())
        return Run.going_on(few, self.settings, cloud, Tally(), pace)

    def _contacts(self) -> list[Contact]:
        clocks, steps = self.clocks, self.steps
        if steps is None:
            return [] if clocks is None else list(clocks.contacts)
        present = np.arange(len(self.continuum.masses)) if clocks is None else clocks.present
        since = math.log(self.continuum.adams.time if clocks is None else clocks.time)
        meetings = steps.cloud.final_meetings()
        # those that were together at the hand-over, and have not parted since, have been so since their contact
        stayed = [(meeting.first, meeting.second) for meeting in meetings if meeting.log_time == -math.inf]
        labels = components(len(present), np.array(stayed, int).reshape(-1, 2))
        contacts = [] if clocks is None else clocks.contacts_within(labels)
        for meeting in meetings:
            ends = int(present[meeting.first]), int(present[meeting.second])
            contacts.append(Contact(max(meeting.log_time, since), *ends))
        return contacts
