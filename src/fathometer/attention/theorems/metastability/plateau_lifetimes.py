"""Every plateau of the staircase lasts at least as long as the certificate from its beginning says."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._clustered import Plateaus
from fathometer.attention.predictions.lifetime._lifetime import PLATEAU_FINENESS, lifetime_of
from fathometer.attention.theorems.metastability._lifetimes import plateau_of_touching_clusters, staircase_of_four
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least the bound from the state on each plateau."""
    return AtLeast(
        np.array([lifetime_of(start, PLATEAU_FINENESS).log_time for start in Plateaus.expect(problem).starts])
    )


def _measured(trajectory: Trajectory) -> Estimate:
    length, error = trajectory.states["log_plateau"], trajectory.states["error"]
    return Estimate.heuristic(length, length - error, length + error, along=trajectory.axis)


def _shortest(problem: Problem) -> Estimate:
    return Estimate.exact(
        min(lifetime_of(start, PLATEAU_FINENESS).log_time for start in Plateaus.expect(problem).starts)
    )


THEOREM = Theorem(
    id="plateau_lifetimes",
    theory="attention",
    title="A certified staircase",
    statement="After a merger start again: from a state on a plateau, with the error of its positions, the bound of"
    " `cluster_lifetime` is a time before which the next merger does not come: the plateau is at least as long.",
    source=Source(METASTABILITY, "staircase of the energy", "Derived: `cluster_lifetime`, applied on every plateau."),
    about=Plateaus,
    hypotheses=(Hypothesis("a bound on every plateau: log time above -1000", AtLeast(-1000.0), _shortest),),
    quantity=_measured,
    predict=predict,
    example=staircase_of_four,
    counterexample=plateau_of_touching_clusters,
    reads=("log_plateau", "error"),
    uses=("cluster_lifetime",),
)
