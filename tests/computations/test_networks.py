"""Computations on networks of the user, by modules beside the study: two of which everything is known."""

import importlib

import numpy as np
import pytest

from fathometer.computations import find
from fathometer.study import in_process, open as open_study, run_study, specification_of

MODULE = '''
import jax, jax.numpy as jnp
from fathometer.network import tap

BETA, STEP, BLOCKS = 4.0, 0.05, 3


def fit():
    """Least squares on rows without targets of their own: the Hessian is 2 X^T X / m."""
    return (lambda w, X: X @ w, jnp.zeros(3)), lambda model, X, y: jnp.mean((model(X) - y) ** 2)


def forward(embedding, ids):
    """Blocks that are Euler steps of the particle model itself."""
    x = embedding[ids]
    for number in range(BLOCKS):
        x = tap(f"blocks.{number}.resid_pre", x)
        mean = jax.nn.softmax(BETA * x @ jnp.swapaxes(x, -1, -2)) @ x
        x = x + STEP * (mean - (mean * x).sum(-1, keepdims=True) * x)
        x = x / jnp.linalg.norm(x, axis=-1, keepdims=True)
        tap(f"blocks.{number}.resid_post", x)
    return x


def particles():
    embedding = jax.random.normal(jax.random.key(0), (50, 6), jnp.float64)
    return (forward, embedding / jnp.linalg.norm(embedding, axis=1, keepdims=True)), None
'''


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "known_networks.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    return tmp_path


def only_row(folder, name, **fixed):
    """What the only cell of a study comes to, and its arrays."""
    document = {"computation": {"name": name}, "fixed": fixed}
    study = run_study(
        specification_of(document, find, base=folder), folder / "out", in_process(), say=lambda line: None
    )
    assert (study.finished, study.failed) == (1, 0), study.table(["error"])
    return study.table().to_pylist()[0], open_study(folder / "out")


@pytest.mark.slow
def test_the_sharpness_of_least_squares_is_that_of_its_matrix(here):
    X = np.random.default_rng(0).standard_normal((40, 3))
    np.savez(here / "rows.npz", X=X, y=X[:, 0])
    row, _ = only_row(here, "network-sharpness", network="known_networks:fit", data="rows.npz", rtol=1e-6)
    smallest, _, largest = np.linalg.eigvalsh(2 * X.T @ X / 40)
    assert row["largest_lower"] <= largest * (1 + 1e-12)
    assert row["smallest_upper"] >= smallest * (1 - 1e-12)
    assert (row["largest"], row["smallest"]) == pytest.approx((largest, smallest), rel=1e-6)
    assert row["largest_stable_step"] == pytest.approx(2 / largest, rel=1e-6)
    assert row["loss"] == pytest.approx(np.mean(X[:, 0] ** 2))
    assert row["size"] == 3


@pytest.mark.slow
def test_blocks_that_are_steps_of_the_model_are_explained(here):
    np.savez(here / "ids.npz", ids=np.random.default_rng(0).integers(0, 50, (4, 12)))
    row, kept = only_row(here, "network-layers", network="known_networks:particles", ids="ids.npz")
    assert (row["beta"], row["blocks"], row["tokens"]) == (4, 3, 48)
    assert 0.999 < row["explained"] <= 1
    assert row["last_mean_cosine"] > row["first_mean_cosine"]
    cosines = kept["mean_cosine_at_site"].values.ravel()
    assert cosines[[0, -1]].tolist() == [row["first_mean_cosine"], row["last_mean_cosine"]]
    assert kept["explained_by_block"].size == 3
