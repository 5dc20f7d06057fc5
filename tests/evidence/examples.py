"""A small theory for testing the spine: a point falls from a height."""

from dataclasses import dataclass

import numpy as np

from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Monotone,
    Observable,
    Origin,
    Problem,
    Provenance,
    Reference,
    Source,
    Theorem,
    Trajectory,
    finite_number,
)


@dataclass(frozen=True, eq=False)
class Fall(Problem):
    height: float
    start: np.ndarray

    def __post_init__(self) -> None:
        finite_number("height", self.height, above=0)


def measure_height(problem: Fall, states) -> Estimate:
    return Estimate.exact(states["height"])


def stay_small(problem: Fall) -> Estimate:
    return Estimate.exact(problem.height)


def height_of(trajectory: Trajectory) -> Estimate:
    return trajectory.observe(HEIGHT)


def never_rises(problem: Fall, axis: Axis | None) -> Monotone:
    return Monotone("decreasing")


def fall() -> Trajectory:
    return trajectory([3, 2, 1])


def low() -> Fall:
    return Fall(0.25, np.zeros(2))


HEIGHT = Observable("height", "m", "height above ground", measure_height)
REFERENCE = Reference("galilei1638", "Galilei, Galileo", "Two New Sciences", 1638, "Elzevir")
FALLS = Theorem(
    id="falls",
    theory="attention",
    title="what falls does not rise",
    statement="The height never increases.",
    source=Source(REFERENCE, "Day 3"),
    about=Fall,
    hypotheses=(Hypothesis("high enough", AtLeast(1.0), stay_small),),
    quantity=height_of,
    predict=never_rises,
    example=fall,
    counterexample=low,
    along=(AxisKind.TIME,),
    reads=("height",),
)


def trajectory(heights, height: float = 2.0, **more) -> Trajectory:
    axis = Axis(AxisKind.TIME, np.arange(len(heights), dtype=float), "time [s]")
    states = {"height": np.asarray(heights, float)}
    return Trajectory(Fall(height, np.zeros(2)), axis, states, Origin.SIMULATED, provenance=Provenance.here(1), **more)
