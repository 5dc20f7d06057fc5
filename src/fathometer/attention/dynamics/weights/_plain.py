"""A run of tokens whose weights are multiples of the identity, as the run of plain tokens that it is."""

from dataclasses import replace

from fathometer.attention.dynamics._assembly import DIFFRAX, assemble
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._distances import plain_equivalent
from fathometer.evidence import Trajectory


def as_plain(run: Trajectory) -> Trajectory | None:
    """Return the run as one of plain tokens, at their beta and in their time; None if weights make another model of it.

    Args:
        run: of a variant, along time, with states "points".

    Raises:
        InputError: if the problem is another one.
    """
    plain = plain_equivalent(Variant.expect(run.problem))
    if plain is None:
        return None
    system, speed = plain
    axis = replace(run.axis, points=speed * run.axis.points)
    own, *others = (
        assemble(system, axis, {"points": way.states["points"]}, DIFFRAX, beta=system.beta) for way in run.runs()
    )
    own = replace(own, provenance=run.provenance)
    return own.checked(tuple(others), condition=run.condition, warning=run.warning) if others else own
