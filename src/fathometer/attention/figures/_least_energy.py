"""The result of a search for the least energy, drawn."""

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import ConvexHull, QhullError

from fathometer.attention._least_energy import LeastEnergyAnswer
from fathometer.attention.observables.minimal_energy._clouds import inner_products
from fathometer.attention.predictions._random_clouds import mean_uniform_energy
from fathometer.attention.predictions.minimal_energy._configuration_energy import configuration_energy
from fathometer.attention.predictions.minimal_energy._cosine_polynomials import gegenbauer_cosines
from fathometer.evidence import Estimate, text_down
from fathometer.report import Chart, Comparison, Curve, Figure, OnSphere, Role, level

_TOUCHING = 1e-9
_FLAT = 1e-6


def least_energy_figure(answer: LeastEnergyAnswer) -> Figure:
    """Draw where the descents ended beside the bound, the polynomial of the bound, and the best cloud for d <= 3."""
    charts = () if answer.search is None else (_ends(answer),)
    return Figure(
        "attention-minimal-energy",
        (*charts, polynomial_chart(answer), *_positions(answer)),
        _rows(answer),
        _data(answer),
        title=f"Least energy of {answer.problem.n} tokens in dimension {answer.problem.d}",
    )


def polynomial_chart(answer: LeastEnergyAnswer) -> Chart:
    """How far the polynomial of the bound is below the kernel, and the inner products of the best cloud.

    Args:
        answer: with descents or without.
    """
    seen = _cosines(answer)
    t = np.unique(np.append(np.cos(np.linspace(0.0, np.pi, 1001)), [] if seen is None else seen))
    curves = [Curve("kernel less polynomial h", t, _room(answer, t), Role.PREDICTED, 1)]
    if seen is not None:
        curves.append(Curve("at the inner products of the best descent", seen, _room(answer, seen), Role.MEASURED))
    return Chart(
        "Room between kernel and polynomial, and the pairs",
        "inner product t of a pair",
        "exp(beta (t - 1)) - h(t)",
        tuple(curves),
        caption="The bound is the energy of a cloud exactly if h touches the kernel at all its inner products.",
        log_y=True,
    )


def _room(answer: LeastEnergyAnswer, t: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """How far h is below the kernel; touching is drawn as 1e-9."""
    basis = np.asarray(gegenbauer_cosines(len(answer.bound.coefficients) - 1, answer.problem.d), float)
    cosines = np.cos(np.outer(np.arccos(np.clip(t, -1, 1)), np.arange(len(basis))))
    return np.maximum(np.exp(answer.problem.beta * (t - 1)) - cosines @ (basis @ answer.bound.coefficients), _TOUCHING)


def _ends(answer: LeastEnergyAnswer) -> Chart:
    assert answer.search is not None
    energies = answer.search.energies
    ranks = np.arange(1.0, len(np.atleast_1d(energies.value)) + 1)
    above = Estimate.enclosed(energies.value, energies.lower, energies.upper)
    problem = answer.problem
    uniform = float(mean_uniform_energy(problem.n, problem.d, problem.beta).value)
    curves = [
        Curve("ends of the descents", ranks, above, Role.MEASURED),
        level("uniform tokens, on average", ranks, uniform, Role.LIMIT, 3),
        level("lower bound, proved", ranks, answer.bound.bound, Role.PREDICTED, 1),
    ]
    if (one := answer.configuration) is not None:
        energy = float(configuration_energy(one, problem.beta).value)
        curves.append(level(one.name, ranks, energy, Role.LIMIT, 2))
    title = f"{len(ranks)} descents, beta = {problem.beta:g}"
    return Chart(title, "rank of the descent", "unit energy EE", tuple(curves))


def _positions(answer: LeastEnergyAnswer) -> tuple[OnSphere, ...]:
    if answer.search is None or answer.problem.d > 3:
        return ()
    points = answer.search.points
    return (OnSphere(f"best cloud of {answer.problem.n} tokens", points, edges=polytope_edges(points)),)


def polytope_edges(points: Float[np.ndarray, "n d"]) -> Int[np.ndarray, "m 2"]:
    """Edges of the polytope that points of the circle or the sphere span, without the diagonals of flat faces.

    Args:
        points: unit rows, d = 2 or 3; a flat cloud in d = 3 has no polytope and no edges.

    Returns:
        Pairs of numbers of points, the smaller first.
    """
    try:
        hull = ConvexHull(points)
    except QhullError:
        return np.zeros((0, 2), int)
    if points.shape[1] == 2:
        return np.sort(hull.simplices, axis=1)
    pairs = np.sort(hull.simplices[:, [[1, 2], [0, 2], [0, 1]]], axis=2)
    # facet i lies beyond the edge opposite to its corner k from facet neighbors[i, k]
    bent = np.abs(hull.equations[hull.neighbors] - hull.equations[:, None]).max(axis=2) > _FLAT
    return np.unique(pairs[bent], axis=0)


def _cosines(answer: LeastEnergyAnswer) -> Float[np.ndarray, " m"] | None:
    return None if answer.search is None else inner_products(answer.search.points)[0]


def _rows(answer: LeastEnergyAnswer) -> tuple[Comparison, ...]:
    best, one = answer.best, answer.configuration
    seen = "none" if best is None else f"{float(best.value):.12g}"
    rows = [
        Comparison("least unit energy: proved to be at least, and best known", text_down(answer.bound.bound, 12), seen)
    ]
    if one is not None and answer.search is not None:
        energy = float(configuration_energy(one, answer.problem.beta).value)
        found = float(np.min(answer.search.energies.value))
        rows.append(Comparison(f"{one.name}: its energy, and the best descent", f"{energy:.12g}", f"{found:.12g}"))
    return tuple(rows)


def _data(answer: LeastEnergyAnswer) -> dict[str, np.ndarray]:
    data = {"coefficients": answer.bound.coefficients, "bound": np.array(answer.bound.bound)}
    if answer.search is not None:
        data |= {"points": answer.search.points, "energies": np.asarray(answer.search.energies.value)}
    return data
