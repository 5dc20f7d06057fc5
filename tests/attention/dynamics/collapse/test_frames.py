"""Frames of a collapse, for drawings: close together where tokens move."""

import numpy as np

from fathometer.attention import ParticleSystem, collapse_trajectory, simulate_collapse
from fathometer.attention.dynamics.collapse import collapse_frames
from fathometer.attention.dynamics.collapse.results._frames import frame_times

SYSTEM = ParticleSystem.uniform(7, 3, 9.0, "sa", 8)
COLLAPSE = simulate_collapse(SYSTEM, check=False)


def test_frames_agree_with_the_plateaus_of_the_trajectory():
    frames, run = collapse_frames(SYSTEM, COLLAPSE), collapse_trajectory(SYSTEM, COLLAPSE, check=False)
    last = np.searchsorted(frames.log_times, run.axis.points[-1])
    np.testing.assert_allclose(frames.points[last - 1], run.states["points"][-1], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(frames.points, axis=-1), 1, atol=1e-12)


def test_every_merger_has_frames_shortly_before_and_after_it():
    times = frame_times(COLLAPSE)
    for event in COLLAPSE.events:
        assert event.log_time is not None
        before, after = times[times < event.log_time], times[times >= event.log_time]
        assert event.log_time - before[-1] < 1e-6
        assert after[0] - event.log_time < 1e-6
    assert np.all(np.diff(times) > 0)


def test_the_two_sides_of_a_merger_are_apart_before_it_and_together_after():
    frames = collapse_frames(SYSTEM, COLLAPSE)
    for event in COLLAPSE.events:
        first, second = (side[0] for side in event.members)
        gap = np.linalg.norm(frames.points[:, first] - frames.points[:, second], axis=-1)
        soon, later = np.searchsorted(frames.log_times, np.add(event.log_time, [-0.5, 2.0]))
        assert gap[min(later, len(gap) - 1)] < 0.2 * gap[soon]
