"""The view Phase: what it shows is what the library says, by mouse and by keyboard."""

import os
import re

import numpy as np
import pytest

from fathometer.app import _export
from fathometer.app.questions.tokens._clouds import system_of
from fathometer.attention import (
    ParticleSystem,
    equiangular_log_time,
    mean_cosine,
    metastability_threshold,
    simulate,
    simulate_batch,
)
from fathometer.numerics import prepare_jax

from .axe import serious

prepare_jax()

DONE = ".view > .status:has-text('measured')"
MAP = ".heat"


@pytest.fixture
def phase(page, address):
    page.goto(f"{address}#phase")
    page.wait_for_selector(DONE, timeout=180_000)
    return page


def table(page) -> np.ndarray:
    """Numbers of the figure; NaN where a cell is empty."""
    if not page.is_visible(".table"):
        page.click("[data-name=table]")
    rows = page.locator(".table tbody tr")
    cells = [rows.nth(k).locator("td").all_inner_texts() for k in range(rows.count())]
    return np.array([[float(cell) if cell else np.nan for cell in row] for row in cells])


def state(page) -> dict[str, str]:
    return dict(re.findall(r"[?&](\w+)=([^&]*)", page.evaluate("location.hash")))


def filled(page, what) -> None:
    """Do something after which the diagram is filled anew, and wait until it is."""
    page.evaluate("document.querySelector('.view > .status').textContent = ''")
    what()
    page.wait_for_selector(DONE, timeout=180_000)


def at(page, across: float, up: float) -> dict[str, float]:
    """A place of the diagram by its shares of width and height of the canvas."""
    box = page.locator(MAP).bounding_box()
    return {"x": box["x"] + across * box["width"], "y": box["y"] + (1 - up) * box["height"]}


@pytest.mark.parametrize("model", ["sa", "usa"])
def test_rows_are_those_of_the_library(page, address, model, shoot):
    page.goto(f"{address}#phase?model={model}")
    page.wait_for_selector(DONE, timeout=180_000)
    shown = table(page)
    times = [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]
    betas = np.geomspace(0.3, 30, 30)
    assert np.allclose(shown[:, 0], betas, rtol=1e-5)
    points = ParticleSystem.uniform(32, 3, 1.0, model, 0).points
    run = simulate_batch(np.broadcast_to(points, (30, 32, 3)), betas, [0.0, *times], model)
    assert np.allclose(shown[:, 1:7], np.asarray(run.mean_cosine.value)[:, 1:], atol=5e-6)
    closed = [np.exp(equiangular_log_time(0.0, 0.9, 32, beta, model).value) for beta in betas]
    assert np.allclose(shown[:, 8], closed, rtol=1e-5)
    shoot(f"phase-{model}")


def test_unequal_masses_are_those_of_the_library(page, address):
    page.goto(f"{address}#phase?n=20&d=40&masses=random&until=100")
    page.wait_for_selector(DONE, timeout=180_000)
    shown = table(page)
    system = system_of(20, 40, 0, "random", 0.3 * 100 ** (12 / 29))
    points = simulate(system, [0.0, 1.0, 10.0]).states["points"]
    assert np.allclose(shown[12, [3, 4]], mean_cosine(points, system.masses)[1:], atol=5e-6)


def test_pointing_at_a_system_plays_it_again(phase, shoot):
    phase.mouse.move(*at(phase, 0.75, 0.3).values())
    phase.wait_for_selector(".replay h3:has-text('β =')")
    phase.wait_for_selector(".replay p:has-text('mean cosine 1')", timeout=20_000)
    shoot("phase-replay")
    assert "beta" not in state(phase)
    phase.mouse.click(*at(phase, 0.75, 0.3).values())
    assert {"beta", "t"} <= state(phase).keys()


def test_arrow_keys_choose_a_system_and_the_address_keeps_it(phase, address):
    phase.focus(MAP)
    phase.keyboard.press("ArrowUp")
    first = state(phase)
    phase.keyboard.press("ArrowUp")
    phase.keyboard.press("ArrowLeft")
    second = state(phase)
    assert float(second["beta"]) == pytest.approx(float(first["beta"]) * 100 ** (1 / 29), rel=1e-3)
    assert float(second["t"]) == pytest.approx(float(first["t"]) / 10 ** (1 / 24), rel=1e-3)
    title = phase.inner_text(".replay h3")
    phase.goto("about:blank")
    phase.goto(f"{address}#phase?beta={second['beta']}&t={second['t']}")
    phase.wait_for_selector(DONE, timeout=180_000)
    assert phase.inner_text(".replay h3") == title


def test_every_control_by_mouse(phase):
    filled(phase, lambda: phase.get_by_label("masses").select_option("random"))
    filled(phase, lambda: phase.get_by_label("model").select_option("usa"))
    filled(phase, lambda: phase.get_by_label("until t").select_option("100"))
    assert table(phase).shape == (30, 8)
    filled(phase, lambda: phase.click("[data-name=again]"))
    phase.get_by_label("contour at mean cosine").select_option("0.5")
    assert "time of 0.5" in phase.inner_text(".table thead")
    for name, value in (("tokens n", 12), ("dimension d", 20), ("seed", 4)):
        filled(phase, lambda name=name, value=value: _fill(phase, f"{name}, exactly", value))
    assert "12 tokens, d = 20" in phase.inner_text(DONE)
    assert state(phase) | {"n": "12", "d": "20", "seed": "4", "model": "usa", "until": "100"} == state(phase)


def _fill(page, label: str, value: float) -> None:
    page.get_by_label(label, exact=True).fill(str(value))
    page.keyboard.press("Enter")


def test_every_control_by_keyboard(phase):
    filled(phase, lambda: phase.keyboard.press("a"))
    assert state(phase)["model"] == "usa"
    filled(phase, lambda: phase.keyboard.press("w"))
    assert state(phase)["masses"] == "random"
    phase.keyboard.press("l")
    assert state(phase)["level"] == "0.99"
    filled(phase, lambda: phase.keyboard.press("r"))
    for name, key, value in (("tokens n", "n", "31"), ("dimension d", "d", "2"), ("seed", "seed", "1")):
        phase.get_by_label(name, exact=True).focus()
        filled(phase, lambda key=key: phase.keyboard.press("ArrowRight" if key == "seed" else "ArrowLeft"))
        assert state(phase)[key] == value
    filled(phase, lambda: phase.get_by_label("until t").press("ArrowDown"))
    assert state(phase)["until"] == "10000"


def test_the_closed_form_follows_its_dimension(phase):
    before = table(phase)[:, 8]
    phase.get_by_label("closed form: dimension D", exact=True).focus()
    for _ in range(3):
        phase.keyboard.press("ArrowLeft")
    expected = [np.exp(equiangular_log_time(0.0, 0.9, 29, beta, "sa").value) for beta in np.geomspace(0.3, 30, 30)]
    phase.wait_for_selector(f".table tbody tr:first-child td:last-child:text-is('{expected[0]:.6g}')")
    after = table(phase)[:, 8]
    assert np.allclose(after, expected, rtol=1e-5)
    assert np.all(after != before)


def test_the_thresholds_of_the_cloud_are_said(page, address):
    page.goto(f"{address}#phase?n=5&d=2&seed=1")
    known = metastability_threshold(ParticleSystem.uniform(5, 2, 1.0, "sa", 1)).beta.value
    page.wait_for_selector(f".unit:has-text('above β = {float(known):.4g}')", timeout=180_000)
    page.wait_for_selector(".unit:has-text('β_meta =')", timeout=120_000)


def test_the_audience_answers_first(phase):
    phase.keyboard.press("f")
    hidden = phase.locator(".heat canvas").first
    assert phase.evaluate("getComputedStyle(document.querySelector('.heat canvas')).visibility") == "hidden"
    phase.keyboard.type("4")
    phase.keyboard.press("Enter")
    assert "you said 4" in phase.inner_text(".predict")
    said = re.search(r"up to β = ([\d.]+);", phase.inner_text(".predict"))
    told = re.search(r"up to β = ([\d.]+) \(measured", phase.inner_text(DONE))
    assert said
    assert told
    assert float(said[1]) == pytest.approx(float(told[1]), rel=1e-2)
    assert hidden.is_visible()


def test_the_cloud_goes_along_to_the_other_view_and_back(phase):
    filled(phase, lambda: _fill(phase, "tokens n, exactly", 9))
    phase.get_by_role("link", name="Tokens").click()
    phase.wait_for_selector("[data-view=tokens]")
    phase.get_by_role("link", name="Phase").click()
    phase.wait_for_selector(".view > .status:has-text('9 tokens')", timeout=180_000)
    assert state(phase)["n"] == "9"


def test_another_cloud_than_is_possible_is_refused_in_one_line(page, address):
    page.goto(f"{address}#phase?n=1000")
    page.wait_for_selector(".status.refused:has-text('n must be a number from 2 to 200, got 1000')")


def test_nothing_is_too_wide_for_a_narrow_screen(page, address, shoot):
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(f"{address}#phase?beta=3&t=10")
    page.wait_for_selector(DONE, timeout=180_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    shoot("phase-narrow")


@pytest.mark.parametrize("projector", [False, True])
def test_nothing_serious_is_wrong_for_those_who_cannot_see(page, address, projector, shoot):
    page.goto(f"{address}#phase?beta=3&t=10&projector={str(projector).lower()}")
    page.wait_for_selector(DONE, timeout=180_000)
    page.keyboard.press("t")
    assert serious(page) == []
    shoot(f"phase-{'projector' if projector else 'usual'}")


FRAMES = """async () => {
  const status = document.querySelector(".view > .status");
  let [frames, began] = [0, performance.now()];
  document.querySelector("[data-name=again]").click();
  status.textContent = "";
  while (!status.textContent.includes("measured")) {
    await new Promise(requestAnimationFrame);
    frames++;
  }
  return { frames, seconds: (performance.now() - began) / 1000 };
}"""


def test_frames_go_on_while_the_diagram_fills(page, address):
    page.goto(f"{address}#phase?n=100")
    page.wait_for_selector(DONE, timeout=180_000)
    counted = page.evaluate(FRAMES)
    assert counted["frames"] > 5
    if os.getloadavg()[0] > (os.cpu_count() or 1) + 1:
        pytest.skip(f"the machine is busy: {counted['frames'] / counted['seconds']:.0f} frames/s")
    assert counted["frames"] / counted["seconds"] >= 41


def test_the_exported_file_simulates_without_a_server(page, tmp_path, monkeypatch):
    monkeypatch.setattr(_export, "VIEWS", ())
    _export.export_page(tmp_path / "page.html")
    page.goto(f"file://{tmp_path}/page.html#phase")
    page.wait_for_selector(DONE, timeout=180_000)
    shown = table(page)
    assert np.all(shown[0, 5:7] > 1 - 1e-6)
    assert np.all(np.abs(shown[-1, 1:4]) < 0.2)
