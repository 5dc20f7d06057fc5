"""The simulation in the page against the Python engine on the same tokens, and how quick it is."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.attention import UNIT_ENERGY, ParticleSystem, mean_cosine, simulate, velocity
from fathometer.attention.dynamics.variants import Variant, simulate_variant
from fathometer.numerics import prepare_jax

prepare_jax()

FRONTEND = Path("frontend").resolve()
BUNDLE = """
import { build } from "vite";
const [made] = await build({
  configFile: false, logLevel: "silent", worker: { format: "iife" },
  build: { write: false, lib: { entry: "src/engine/index.ts", formats: ["iife"], name: "engine" } },
});
process.stdout.write(made.output[0].code);
"""
TIMES = [0.0, 0.5, 2.0, 10.0, 50.0]


@pytest.fixture(scope="session")
def engine() -> str:
    """The engine as a script that sets `engine`."""
    node = shutil.which("node")
    assert node is not None
    made = subprocess.run([node, "--input-type=module", "-e", BUNDLE], cwd=FRONTEND, capture_output=True, check=True)
    return made.stdout.decode()


@pytest.fixture
def blank(page, engine):
    page.goto("about:blank")
    page.add_script_tag(content=engine)
    return page


def cloud(n: int, d: int, beta: float, model: str, masses=None, seed: int = 0) -> ParticleSystem:
    points = np.random.default_rng(seed).standard_normal((n, d))
    return ParticleSystem.project(points, beta, model, masses)


def start(system: ParticleSystem, **more) -> str:
    n, d = system.points.shape
    given = {"points": system.points.ravel().tolist(), "n": n, "d": d, "beta": system.beta, "model": str(system.model)}
    return json.dumps(given | {"masses": system.masses.tolist()} | more)


def followed(page, system: ParticleSystem, **more) -> list[dict]:
    return page.evaluate(f"""() => {{
      const tokens = new engine.Particles({start(system, **more)});
      return {TIMES}.map((time) => {{
        tokens.advance(time);
        const seen = tokens.observe(time);
        return {{ ...seen, points: Array.from(seen.points) }};
      }});
    }}""")


UNEQUAL = np.random.default_rng(5).uniform(0.2, 2.0, 20)


@pytest.mark.parametrize(
    ("system", "causal"),
    [
        (cloud(32, 3, 4.0, "sa"), False),
        (cloud(20, 2, 9.0, "usa", UNEQUAL), False),
        (cloud(16, 8, 2.0, "sa"), True),
        (cloud(16, 8, 1e4, "sa"), True),
    ],
    ids=["sa", "usa on the circle with masses", "causal", "causal at beta 1e4"],
)
def test_frames_are_those_of_the_python_engine(blank, system, causal):
    run = simulate_variant(Variant(system, causal=True), TIMES) if causal else simulate(system, TIMES)
    points = run.states["points"]
    frames = followed(blank, system, causal=causal)
    assert np.allclose([frame["points"] for frame in frames], points.reshape(len(TIMES), -1), atol=2e-6)
    energies = UNIT_ENERGY.measure(system, {"points": points}).value
    assert np.allclose([frame["energy"] for frame in frames], energies, rtol=2e-6)
    assert np.allclose([frame["cosine"] for frame in frames], mean_cosine(points, system.masses), atol=2e-6)


@pytest.mark.parametrize("beta", [0.0, 1.0, 1e4])
@pytest.mark.parametrize("model", ["sa", "usa"])
def test_velocities_have_all_their_digits(blank, beta, model):
    system = cloud(20, 2, beta, model, UNEQUAL)
    seen = blank.evaluate(f"() => Array.from(new engine.Particles({start(system)}).velocity())")
    arrays = jnp.asarray(system.points), jnp.asarray(system.masses)
    expected = np.asarray(velocity(*arrays, beta, system.model)).ravel()
    assert np.allclose(seen, expected, rtol=1e-10, atol=1e-15)


def test_noise_is_brownian_motion_on_the_sphere(blank):
    tokens = cloud(1000, 3, 1e4, "usa")
    end = f"""() => {{
      const tokens = new engine.Particles({start(tokens, noise=0.5, seed=7)});
      tokens.advance(0.5);
      return [tokens.time, Array.from(tokens.points)];
    }}"""
    time, points = blank.evaluate(end)
    cosines = np.sum(tokens.points * np.reshape(points, (-1, 3)), axis=1)
    expected = np.exp(-2 * 0.5 * 0.5)  # exp(-(d - 1) t / kappa)
    assert time == 0.5
    assert abs(cosines.mean() - expected) < 5 * cosines.std() / np.sqrt(1000)
    assert points == blank.evaluate(end)[1]


def test_what_is_changed_on_the_way_is_changed_there(blank):
    first, second = cloud(8, 3, 4.0, "sa"), cloud(8, 3, 1.0, "usa")
    seen = blank.evaluate(f"""() => {{
      const tokens = new engine.Particles({start(first)});
      tokens.advance(1);
      tokens.settle(1);
      tokens.set({{ beta: 1, model: "usa" }});
      tokens.move(0, [0, 0, 5]);
      const moved = Array.from(tokens.points);
      tokens.advance(2);
      return [moved, Array.from(tokens.observe(2).points), Array.from(new engine.Particles({{
        ...{start(second)}, points: moved }}).observe().points)];
    }}""")
    assert seen[0][:3] == [0, 0, 1]
    assert seen[0] == pytest.approx(seen[2], abs=1e-15)
    half = simulate(first, [0.0, 1.0]).states["points"][-1].copy()
    half[0] = [0, 0, 1]
    end = simulate(ParticleSystem.project(half, 1.0, "usa"), [0.0, 1.0]).states["points"][-1]
    assert np.allclose(seen[1], end.ravel(), atol=1e-6)


def test_the_worker_records_what_the_engine_gives(blank):
    system = cloud(32, 3, 4.0, "sa")
    recorded = blank.evaluate(f"""async () => {{
      const flow = new engine.Flow();
      flow.send({{ kind: "start", ...{start(system)} }});
      const lost = flow.record({TIMES});
      flow.send({{ kind: "start", ...{start(system)} }});
      const {{ points, cosines }} = await flow.record({TIMES});
      flow.end();
      return [await lost === undefined, Array.from(points), Array.from(cosines)];
    }}""")
    frames = followed(blank, system)
    assert recorded[0]
    assert np.array_equal(recorded[1], np.array([frame["points"] for frame in frames], np.float32).ravel())
    assert recorded[2] == [frame["cosine"] for frame in frames]


RUN = """async (start) => {
  let [drawn, first, last] = [0, undefined, undefined];
  const flow = new engine.Flow((frame) => { drawn++; first ??= frame; last = frame; });
  flow.send({ kind: "start", ...start });
  flow.send({ kind: "run", rate: 1e9 });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const [steps, frames, began] = [last.steps, drawn, performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const seconds = (performance.now() - began) / 1000;
  flow.end();
  return { steps: (last.steps - steps) / seconds, frames: (drawn - frames) / seconds, time: last.time };
}"""


def test_a_thousand_tokens_move_in_a_worker(blank):
    found = blank.evaluate(RUN, json.loads(start(cloud(1000, 3, 9.0, "sa"))))
    assert found["time"] > 0
    assert found["steps"] > 0
    if os.getloadavg()[0] > (os.cpu_count() or 1) + 1:
        pytest.skip(f"the machine is busy: {found['steps']:.0f} steps/s, {found['frames']:.0f} frames/s")
    assert found["steps"] >= 39
    assert found["frames"] >= 41
