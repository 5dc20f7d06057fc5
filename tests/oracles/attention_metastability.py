"""Worked metastability certificates and collapse bounds, with the caps at 2 pi q / k on the circle."""

import numpy as np

# n, k, beta, eps: alpha, gamma, L_2, lambda = 0.9 min(L_1, L_2), bound on T_1, log10 of the bound on T_2
CERTIFICATES = [
    (6, 3, 20, 0.002, -0.337870720370684, 0.797307009499, 1.10723094532, 0.996507850791, 358.688377305, 8.14347617242),
    (6, 3, 50, 0.002, -0.337870720370684, 1.11204523602, 1.23601481035, 1.11241332932, 952.375758127, 25.5743723131),
    (6, 3, 100, 0.001, -0.386733253905723, 1.26688903993, 1.335886271, 1.2022976439, 2007.4239686, 56.4469087539),
    (9, 3, 400, 0.0005, -0.420638140713389, 1.38491689373, 1.40390912982, 1.26351821684, 12484.6984348, 242.534849612),
    (
        5,
        5,
        100,
        0.0005,
        0.392740312525577,
        0.488130432825,
        0.564099377206,
        0.507689439486,
        711.909649933,
        22.3729531352,
    ),
    (32, 4, 200, 0.001, 0.126174989344164, 0.79316313933, 0.827661754867, 0.74489557938, 13341.0655849, 71.3943260771),
]

# beta, start, exponent c: bound on the time of the comparison flow
COLLAPSE_BOUNDS = [
    (2, 0.5, 1, 16.3096909707543),
    (10, 0.9, 0.5, 18.1218788563936),
    (50, 0.99, 0.5, 71.009299216293),
    (100, 0.992, 1, 276.817410905776),
]


def centres(k):
    """k points of the circle, equally spaced."""
    angles = 2 * np.pi / k * np.arange(k)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def in_caps(n, k, eps, seed=0, share=1.0):
    """n points in turn in k caps of depth eps on the circle; the first one of each pair at one edge, up to `share`."""
    reach = share * np.arccos(1 - eps)
    angles = 2 * np.pi / k * (np.arange(n) % k) + np.random.default_rng(seed).uniform(-reach, reach, n)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def largest_inner_product(first, second, depth, samples=2000):
    """Largest <x, y> over two arcs of the circle of that depth, by trying many pairs."""
    reach = np.arccos(1 - depth)
    around = np.linspace(-reach, reach, samples)
    return np.max(np.cos((first + around)[:, None] - (second + around)[None, :]))
