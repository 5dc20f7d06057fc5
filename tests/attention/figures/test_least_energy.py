import numpy as np
import pytest

from fathometer.attention.figures._least_energy import polytope_edges

ROOT = (1 + np.sqrt(5)) / 2
FOUR = np.array([[0, a, b * ROOT] for a in (-1, 1) for b in (-1, 1)])
SOLIDS = {
    "cube": (np.array(np.meshgrid(*[[-1.0, 1.0]] * 3)).reshape(3, -1).T / np.sqrt(3), 12),
    "octahedron": (np.concatenate([np.eye(3), -np.eye(3)]), 12),
    "icosahedron": (np.concatenate([np.roll(FOUR, i, axis=1) for i in range(3)]) / np.hypot(1, ROOT), 30),
    "pentagon": (np.array([[np.cos(a), np.sin(a)] for a in 0.4 * np.pi * np.arange(5)]), 5),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_a_solid_has_its_edges_all_of_one_length(name):
    points, count = SOLIDS[name]
    edges = polytope_edges(points)
    assert edges.shape == (count, 2)
    assert np.ptp(np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)) < 1e-12


@pytest.mark.parametrize("flat", [np.eye(3), np.array([[1.0, 0.0], [-1.0, 0.0]])])
def test_a_flat_cloud_has_no_edges(flat):
    assert polytope_edges(flat).shape == (0, 2)
