"""What holds on a ring of several devices; `test_shared` runs this file in one process that has eight virtual ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import MEAN_COSINE, UNIT_ENERGY, Model, ParticleSystem
from fathometer.attention.dynamics.large import simulate_large
from fathometer.attention.dynamics.shared import Kernel, Ring, pair_flops, shared_velocity, simulate_shared, turn_bytes
from fathometer.attention.dynamics.shared._simulate import _solve
from fathometer.attention.dynamics.shared._turns import Plan, compiled_felt, felt_on_ring
from fathometer.attention.model._system import read_model

EPS = float(np.finfo(float).eps)
COUNTS = (1, 2, 4, 8)


def cloud(n, d, seed=0, weightless=0):
    random = np.random.default_rng(seed)
    points = random.standard_normal((n, d))
    masses = random.uniform(0.1, 2, n)
    masses[n - weightless :] = 0
    return points / np.linalg.norm(points, axis=1, keepdims=True), masses / masses.sum()


def dense(points, masses, beta, model, causal=False):
    """Velocities from all pairs, in units of the largest weight; and how large the exponents are that matter."""
    gaps = points[None] - points[:, None]
    exponents = -beta / 2 * np.sum(gaps**2, axis=2)
    acts = np.broadcast_to(masses > 0, exponents.shape) & (np.tri(len(points), dtype=bool) if causal else True)
    peak = np.max(np.where(acts, exponents, -np.inf), axis=1, keepdims=True)
    weights = np.where(acts, masses * np.exp(np.minimum(exponents - peak, 0)), 0)
    pull = np.einsum("ij,ijk->ik", weights, gaps)
    force = pull - np.sum(pull * points, axis=1, keepdims=True) * points
    total = weights.sum(axis=1, keepdims=True)
    near = np.max(np.where(acts & ~np.eye(len(points), dtype=bool), exponents, -1e300), axis=1)
    return force / total if read_model(model) is Model.SA else force * np.exp(peak), -near


def close(found, exact, near, beta, kernel):
    """Whether velocities agree within rounding: of the largest one, or with products of the largest possible one."""
    if kernel is Kernel.PRODUCTS:
        return np.max(np.abs(found - exact)) <= (1e-13 + 4 * EPS * beta * exact.shape[1] ** 0.5)
    largest = np.max(np.abs(exact))
    room = 1e-13 + 16 * EPS * np.minimum(near, 4 * beta)
    return bool(np.all(np.max(np.abs(found - exact), axis=1) <= room * largest))


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    n=st.integers(1, 40),
    d=st.sampled_from([2, 3, 12]),
    beta=st.sampled_from([0.0, 0.5, 9.0, 300.0, 1e4]),
    model=st.sampled_from(list(Model)),
    devices=st.sampled_from(COUNTS),
    kernel=st.sampled_from(list(Kernel)),
    seed=st.integers(0, 1000),
    weightless=st.integers(0, 3),
)
def test_velocities_are_those_of_all_pairs(n, d, beta, model, devices, kernel, seed, weightless):
    points, masses = cloud(n, d, seed, min(weightless, n - 1))
    exact, near = dense(points, masses, beta, model)
    found = shared_velocity(points, masses, beta, model, Ring.of(devices, tile=16), kernel=kernel)
    assert found.shape == points.shape
    assert close(found, exact, near, beta, kernel)


@pytest.mark.parametrize(("n", "d", "beta"), [(101, 3, 1e4), (101, 20, 9.0), (5, 4, 2.0), (64, 3, 50.0)])
def test_any_number_of_devices_gives_what_one_gives(n, d, beta):
    points, masses = cloud(n, d)
    one, *others = (shared_velocity(points, masses, beta, "sa", Ring.of(count, tile=16)) for count in COUNTS)
    for other in others:
        assert_allclose(other, one, rtol=0, atol=1e-13 * np.max(np.abs(one)))


@pytest.mark.parametrize("causal", [False, True])
def test_a_causal_mask_goes_by_places_in_the_whole_cloud(causal):
    points, masses = cloud(77, 3)
    exact, near = dense(points, masses, 9.0, "sa", causal)
    found = shared_velocity(points, masses, 9.0, "sa", Ring.of(4, tile=8), causal=causal)
    assert close(found, exact, near, 9.0, Kernel.DIFFERENCES)
    assert (np.max(np.abs(found[0])) < 1e-15) == causal  # the first sees itself alone


def test_permuted_points_have_permuted_velocities():
    points, masses = cloud(60, 3)
    order = np.random.default_rng(1).permutation(60)
    ring = Ring.of(8, tile=8)
    plain, mixed = (shared_velocity(points[k], masses[k], 30.0, "usa", ring) for k in (np.arange(60), order))
    assert_allclose(mixed, plain[order], rtol=0, atol=1e-14 * np.max(np.abs(plain)))


@pytest.mark.parametrize("beta", [9.0, 1e10])
def test_a_token_without_mass_feels_and_does_not_act(beta):
    points, masses = cloud(30, 3, weightless=1)
    ring = Ring.of(4, tile=8)
    all_of_them = shared_velocity(points, masses, beta, "sa", ring)
    without = shared_velocity(points[:-1], masses[:-1], beta, "sa", ring)
    assert_allclose(all_of_them[:-1], without, rtol=0, atol=1e-14)
    nearest = points[np.argmax(points[:-1] @ points[-1])]
    assert np.linalg.norm(all_of_them[-1]) > 0.01
    if beta > 1e9:  # all its attention is on the nearest
        tangent = nearest - (nearest @ points[-1]) * points[-1]
        assert_allclose(all_of_them[-1], tangent, atol=1e-12)


def test_a_run_takes_the_same_course_on_any_number_of_devices():
    points, masses = cloud(61, 4)
    system = ParticleSystem.project(points, 9.0, "sa", masses)
    times = [0, 0.1, 2.0]
    large = simulate_large(system, times, keep_states=True)
    for count in (1, 8):
        found = simulate_shared(system, times, Ring.of(count, tile=8), keep_states=True)
        assert_allclose(found.states["points"], large.states["points"], rtol=0, atol=1e-12)
        assert_allclose(found.states["dissipated"], large.states["dissipated"], rtol=0, atol=1e-14)
        for observable in (UNIT_ENERGY, MEAN_COSINE):
            assert_allclose(found.observe(observable).value, large.observe(observable).value, atol=1e-13)
        assert len(found.twins) == 2


def test_memory_of_a_device_is_its_share_of_the_tokens():
    n, d, tile = 40_000, 16, 64
    system = ParticleSystem.uniform(n, d, 4.0, "sa", 0)
    one, taken = jnp.asarray(1.0), {}
    for count in (1, 8):
        ring = Ring.of(count, tile=tile)
        arrays = ring.share(system.points, system.masses)
        plan = Plan(ring, ring.side(n), Model.SA, Kernel.PRODUCTS)
        compiled = _solve.lower((arrays[0], jnp.zeros(())), arrays[1], *[one] * 4, plan).compile()
        taken[count] = compiled.memory_analysis().temp_size_in_bytes
        field = compiled_felt.lower(*arrays, one, plan).compile().memory_analysis().temp_size_in_bytes
        assert field <= 6 * n * (d + 1) * 8 / count + 6 * 8 * tile**2 + 2**16
    blocks = 3 * n * (d + 1) * 8  # that travel, of which one device alone has none
    assert taken[8] <= (taken[1] + blocks) / 8 + 2**18


@pytest.mark.parametrize("count", [1, 2])
def test_the_model_of_cost_has_the_bytes_and_turns_of_the_program(count):
    """One block a turn and none in the last; the permute waits for no tile."""
    n, d = 128, 16
    points, masses = cloud(n, d)
    ring = Ring.of(count, tile=n // count)
    plan = Plan(ring, ring.side(n), Model.SA, Kernel.PRODUCTS)
    traced = jax.make_jaxpr(lambda x, m: felt_on_ring(x, m, 9.0, plan))(*ring.share(points, masses))
    loop, names, sent = turn_of(traced.jaxpr)
    assert loop.params["length"] == count - 1
    assert names.index("ppermute") < min(k for k, name in enumerate(names) if name in ("scan", "while"))
    assert sent == turn_bytes(n, d, count)
    assert pair_flops(d) == sum(products(traced.jaxpr)) / 2 / (n // count) ** 2  # the loop has the tile, and its end


def inner(equation):
    """Programs inside an equation."""
    for value in equation.params.values():
        for each in value if isinstance(value, tuple | list) else (value,):
            body = getattr(each, "jaxpr", each)
            if hasattr(body, "eqns"):
                yield body


def turn_of(program):
    """The loop over the turns, the names of its operations, and the bytes that it sends."""
    for equation in program.eqns:
        for body in inner(equation):
            names = [one.primitive.name for one in body.eqns]
            if "ppermute" in names and equation.primitive.name in ("scan", "while"):
                (value,) = body.eqns[names.index("ppermute")].invars
                return equation, names, value.aval.size * value.aval.dtype.itemsize
            if (found := turn_of(body)) is not None:
                return found
    return None


def products(program):
    """Operations of every product of matrices, counted once each."""
    for equation in program.eqns:
        if equation.primitive.name == "dot_general":
            (contracted, _), _ = equation.params["dimension_numbers"]
            inside = np.prod([equation.invars[0].aval.shape[k] for k in contracted])
            yield 2 * inside * equation.outvars[0].aval.size
        for body in inner(equation):
            yield from products(body)
