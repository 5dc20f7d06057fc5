"""The view Tokens in a browser: what is shown is what Python computes, and every control answers."""

import os
import re
from functools import cache
from time import monotonic

import numpy as np
import pytest

from fathometer import attention
from fathometer.app import export_page
from fathometer.app.questions.tokens import FIRST

from .axe import serious

LN10 = np.log(10)
PATIENCE = 120_000
FRAMES = """async () => {
  const picture = document.querySelector(".sphere-picture");
  const [start, first] = [performance.now(), Number(picture.dataset.frames)];
  await new Promise((done) => {
    const next = () => (performance.now() - start > 2500 ? done() : requestAnimationFrame(next));
    next();
  });
  return (Number(picture.dataset.frames) - first) / ((performance.now() - start) / 1000);
}"""


EARLY = "const usual = requestAnimationFrame; requestAnimationFrame = (draw) => usual((now) => draw(now - 1000));"
"""The time that a frame is given is that of its beginning, which may be before it was asked for: here by a second."""

SLOW = """
let deaf = 0;
const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (request, ...more) {
  if (request.kind === "start") deaf = performance.now() + 200;
  return post.call(this, request, ...more);
};
Object.defineProperty(Worker.prototype, "onmessage", { set(take) {
  const later = (told) => setTimeout(() => take(told), 200);
  this.addEventListener("message", (told) => (performance.now() < deaf ? later(told) : take(told)));
} });
"""
"""Nothing that the worker says arrives for a while after it was given other tokens."""

READINGS = """async () => {
  const readings = new Set();
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    readings.add(document.querySelector(".reading").textContent);
    await new Promise((done) => setTimeout(done, 5));
  }
  return [...readings];
}"""


@cache
def followed():
    system = attention.ParticleSystem.uniform(FIRST["n"], FIRST["d"], FIRST["beta"], FIRST["model"], FIRST["seed"])
    return attention.simulate_collapse(system)


def opened(page, address, values="", said="mergers over"):
    """The view with these values, when its collapse is known."""
    page.goto(f"{address}#tokens{'?' if values else ''}{values}")
    page.locator(".view > .status", has_text=said).wait_for(timeout=PATIENCE)


def live(page, address, values=""):
    page.goto(f"{address}#tokens?mode=live{values}")
    page.locator(".reading", has_text=re.compile(r"time (0\.|[1-9])[\d.]* ·")).wait_for(timeout=PATIENCE)


def state(page):
    """Values of the address."""
    _, _, query = page.evaluate("location.hash").partition("?")
    return dict(pair.split("=") for pair in query.split("&") if pair)


def until(page, holds, what="it"):
    end = monotonic() + PATIENCE / 1000
    while monotonic() < end:
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{what} did not come")


def rows(page):
    """The table of the figure as texts; it is shown by its key if it is not."""
    if not page.is_visible(".view > .table"):
        page.keyboard.press("t")
    cells = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    return page.locator(".view > .table tbody tr").evaluate_all(cells)


def at_rest(page):
    """The table once it no longer changes, as numbers."""
    seen = [rows(page)]

    def rested():
        page.wait_for_timeout(300)
        seen.append(rows(page))
        return seen[-1] == seen[-2]

    until(page, rested, "rest")
    return np.array(seen[-1], float)


def fluent(page):
    """Frames per second, which must be 20, or the share of it that a busy machine leaves to one process."""
    rates, wanted = [0.0], 20.0
    for _ in range(4):
        wanted = 20 / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        rates.append(page.evaluate(FRAMES))
        if max(rates) >= wanted:
            return max(rates)
    raise AssertionError(f"{max(rates):.1f} frames per second at the most, {wanted:.1f} are wanted")


def picture(page):
    return page.locator(".sphere-picture").screenshot()


def place_of(page, index):
    """Where a token is on the page: on the keyboard one chooses it, the picture says where it is."""
    page.locator(".sphere-picture").focus()
    for _ in range(index + 1):
        page.keyboard.press("n")
    x, y = page.locator(".sphere-picture").get_attribute("data-chosen").split(",")
    box = page.locator(".sphere-picture").bounding_box()
    return box["x"] + float(x), box["y"] + float(y)


def test_the_merge_list_has_the_numbers_of_the_collapse_engine(page, address, shoot):
    opened(page, address)
    shoot("tokens-collapse")
    shown, events = rows(page), followed().events
    assert [row[0] for row in shown] == [str(left) for left in range(len(events) - 1 + 1, 0, -1)]
    for row, event in zip(shown, events, strict=True):
        assert row[1] == " + ".join("{" + ",".join(map(str, side)) + "}" for side in event.members)
        assert float(row[3]) == pytest.approx(event.log_time / LN10, abs=1e-8)
        assert float(row[4]) == pytest.approx(event.error / LN10, rel=1e-4)
        assert float(row[5]) == pytest.approx(event.condition, rel=1e-4)
    told = [row for row in shown if row[2]]
    assert len(told) >= 2
    for row in told:
        assert float(row[2]) == pytest.approx(float(row[3]), abs=0.35)
        assert float(row[7]) < float(row[3])


def test_frames_of_the_worker_are_those_of_the_python_engine(page, address, shoot):
    live(page, address)
    page.keyboard.press(" ")
    shown = at_rest(page)
    shoot("tokens-live")
    time = shown[0, 0]
    system = attention.ParticleSystem.uniform(FIRST["n"], FIRST["d"], FIRST["beta"], FIRST["model"], FIRST["seed"])
    run = attention.simulate(system, [0.0, time])
    np.testing.assert_allclose(shown[:, 3:], run.states["points"][-1], atol=2e-5)


def test_a_thousand_tokens_move_fluently(page, address, shoot, record_property):
    live(page, address, "&n=1000&beta=20")
    rate = fluent(page)
    shoot("tokens-thousand")
    record_property("frames_per_second", rate)


def test_a_token_is_dragged_by_the_mouse(page, address):
    opened(page, address)
    before = rows(page)
    x, y = place_of(page, 5)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 40, steps=4)
    page.mouse.up()
    until(page, lambda: rows(page) != before, "another merge list")
    page.locator(".view > .status", has_text="mergers over").wait_for(timeout=PATIENCE)
    page.keyboard.press("r")
    until(page, lambda: rows(page) == before, "the first merge list")


def test_a_token_is_moved_by_the_keyboard_in_the_live_simulation(page, address):
    live(page, address)
    page.locator(".sphere-picture").focus()
    page.keyboard.press(" ")
    before = at_rest(page)
    page.locator(".sphere-picture").focus()
    page.keyboard.press("n")
    page.keyboard.press("Shift+ArrowRight")
    until(page, lambda: np.any(np.array(rows(page), float)[0, 3:] != before[0, 3:]), "a token that moved")
    after = at_rest(page)
    assert 0.001 < np.linalg.norm(after[0, 3:] - before[0, 3:]) < 0.2
    np.testing.assert_allclose(np.linalg.norm(after[:, 3:], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(after[1:, 3:], before[1:, 3:], atol=1e-5)


def test_the_sphere_turns_by_mouse_and_by_keys(page, address):
    opened(page, address)
    seen = [picture(page)]
    box = page.locator(".sphere-picture").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 20, steps=3)
    page.mouse.up()
    until(page, lambda: picture(page) not in seen, "a picture after the mouse")
    seen.append(picture(page))
    page.keyboard.press("ArrowUp")
    until(page, lambda: picture(page) not in seen, "a picture after the key")


def test_time_is_chosen_by_the_scrubber_and_by_keys(page, address):
    opened(page, address)
    reading = page.locator(".reading")
    start = reading.inner_text()
    assert "7 of 7 clusters" in start
    page.locator(".scrubber").focus()
    page.keyboard.press("End")
    page.locator(".reading", has_text="1 of 7 clusters").wait_for()
    until(page, lambda: float(state(page).get("at", -9)) > 7, "the time in the address")
    page.keyboard.press(",")
    page.keyboard.press(",")
    here = reading.inner_text()
    page.keyboard.press(".")
    assert reading.inner_text() != here
    page.keyboard.press("Home")
    page.keyboard.press("]")
    until(page, lambda: state(page).get("merger") == "0", "the first merger")
    page.keyboard.press("]")
    until(page, lambda: state(page).get("merger") == "1", "the second merger")
    page.keyboard.press("[")
    until(page, lambda: state(page).get("merger") == "0", "the first merger")


def test_a_click_on_the_staircase_goes_there(page, address):
    opened(page, address)
    page.mouse.wheel(0, 0)
    box = page.locator(".steps canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    page.locator(".reading", has_text="1 of 7 clusters").wait_for()


def test_a_merger_is_chosen_by_a_click_and_by_the_keyboard(page, address, shoot):
    opened(page, address)
    page.locator(".merger-list tbody tr").nth(4).click()
    until(page, lambda: state(page)["merger"] == "4")
    detail = page.locator(".merger-detail").inner_text()
    assert "Predicted from the plateau of 3 clusters" in detail
    assert "Measured: 10^2.991" in detail
    assert "condition" in detail
    assert "stay apart" in detail
    assert page.locator("tr.chosen").count() == 1
    shoot("tokens-merger")
    page.locator(".merger-list button").nth(0).focus()
    page.keyboard.press("Enter")
    until(page, lambda: state(page)["merger"] == "0")
    assert "No prediction: closest clusters" in page.locator(".merger-detail").inner_text()
    page.keyboard.press("Enter")
    until(page, lambda: state(page)["merger"] == "-1")
    assert page.locator("tr.chosen").count() == 0


def test_play_runs_to_the_last_merger(page, address):
    opened(page, address, "speed=20")
    page.keyboard.press(" ")
    page.locator(".reading", has_text="1 of 7 clusters").wait_for()
    page.click("button[data-name=reset]")
    page.locator(".reading", has_text="7 of 7 clusters").wait_for(timeout=PATIENCE)
    page.click("button[data-name=play]")
    page.locator(".reading", has_text="1 of 7 clusters").wait_for()


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("m", "mode", "live"),
        ("a", "model", "usa"),
        ("w", "masses", "random"),
        ("c", "causal", "true"),
        ("l", "trails", "false"),
    ],
)
def test_choices_and_switches_answer_to_their_keys(page, address, key, name, value):
    opened(page, address)
    page.keyboard.press(key)
    until(page, lambda: state(page).get(name) == value, f"{name} in the address")


@pytest.mark.parametrize(
    ("label", "name", "exact"),
    [
        ("tokens n", "n", "9"),
        ("dimension d", "d", "4"),
        ("β", "beta", "0"),
        ("seed", "seed", "12"),
        ("noise", "noise", "0.25"),
        ("speed", "speed", "3"),
    ],
)
def test_sliders_are_set_exactly_by_keys_and_by_the_mouse(page, address, label, name, exact):
    opened(page, address)
    page.get_by_label(f"{label}, exactly").fill(exact)
    page.keyboard.press("Tab")
    until(page, lambda: state(page).get(name) == exact, f"{name} in the address")
    slider = page.get_by_label(label, exact=True)
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, lambda: float(state(page)[name]) >= float(exact), "a larger value")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    until(page, lambda: state(page)[name] != exact, "another value")


def test_the_address_brings_everything_back(page, address):
    opened(page, address, "n=5&d=2&beta=100&model=usa&masses=random&seed=3&at=3&merger=1&trails=false")
    assert page.get_by_label("tokens n, exactly").input_value() == "5"
    assert page.get_by_label("attention").input_value() == "usa"
    assert page.locator(".merger-list button[aria-pressed=true]").count() == 1
    assert page.locator(".merger-list tbody tr").count() == 4
    page.evaluate("location.hash = '#tokens?n=4&d=3&at=0.5'")
    until(page, lambda: page.locator(".merger-list tbody tr").count() == 3, "another cloud")
    until(page, lambda: "10^0.50" in page.locator(".reading").inner_text(), "the time")


def test_causal_and_noisy_tokens_are_live_only_and_said_to_be(page, address):
    opened(page, address)
    page.get_by_label("causal").check()
    page.locator(".view > .status", has_text="Causal and noisy tokens are simulated live only.").wait_for()
    page.locator(".reading", has_text=re.compile("^time [0-9]")).wait_for()
    assert not page.is_visible(".merger-list")
    page.get_by_label("causal").uncheck()
    page.locator(".merger-list").wait_for()
    page.locator(".view > .status", has_text="mergers over").wait_for(timeout=PATIENCE)


def test_more_than_two_hundred_tokens_are_live_only(page, address):
    opened(page, address, "n=300", "More than 200 tokens are simulated live only.")


def test_above_three_dimensions_the_axes_are_named(page, address):
    opened(page, address, "d=5&n=4")
    assert "the first three principal axes are shown" in page.locator(".remark").inner_text()


def test_the_prediction_comes_before_the_measurement(page, address):
    opened(page, address)
    page.keyboard.press("f")
    assert not page.locator(".merger-list").is_visible()
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    reply = page.locator(".predict [role=status]").inner_text()
    assert reply == f"it is {followed().events[-1].log_time / LN10:.3f}; you said 5 "[: len(reply)]
    assert page.locator(".merger-list").is_visible()


def test_points_of_a_file_are_followed(page, address, tmp_path):
    opened(page, address)
    np.savetxt(tmp_path / "four.csv", np.eye(4)[:, :3] + 0.1, delimiter=",", header="x,y,z", comments="")
    page.set_input_files("input[type=file]", tmp_path / "four.csv")
    until(page, lambda: page.locator(".merger-list tbody tr").count() == 3, "three mergers")
    assert state(page)["n"] == "4"
    assert "four.csv: 4 points in dimension 3" in page.locator(".remark").inner_text()


def test_points_are_dropped_on_the_picture(page, address):
    opened(page, address)
    drop = """(text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "p.csv"));
      document.querySelector(".stage").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
    }"""
    page.evaluate(drop, "x,y\n1,0\n0,1\n-1,-0.5\n")
    until(page, lambda: page.locator(".merger-list tbody tr").count() == 2, "two mergers")
    assert state(page)["d"] == "2"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.csv", b"x,y\n1,0\n0,0\n", "row 1 is zero"),
        ("p.csv", b"x,y\n1,0\nb,0\n", "the file"),
        ("p.npy", b"not numbers", "the file is not an npy file"),
        ("p.txt", b"1,2", "a file must end in .npy or .csv"),
    ],
)
def test_a_bad_file_is_refused_in_one_line(page, address, tmp_path, name, content, said):
    opened(page, address)
    (tmp_path / name).write_bytes(content)
    page.set_input_files("input[type=file]", tmp_path / name)
    page.locator(".view > .status.refused", has_text=said).wait_for()
    assert page.locator(".merger-list tbody tr").count() == 6


def test_a_narrow_screen_does_not_scroll_sideways(page, address, shoot):
    page.set_viewport_size({"width": 400, "height": 800})
    opened(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    shoot("tokens-narrow")


@pytest.mark.parametrize("projector", ["false", "true"])
def test_axe_finds_nothing_serious(page, address, shoot, projector):
    opened(page, address, f"merger=4&projector={projector}")
    page.keyboard.press("t")
    if projector == "true":
        shoot("tokens-projector")
    assert serious(page) == []


def test_an_embedded_view_is_the_figure_alone(page, address, shoot):
    page.goto(f"{address}#tokens?embed=true")
    page.locator(".reading", has_text="7 of 7 clusters").wait_for(timeout=PATIENCE)
    assert not page.is_visible(".controls")
    shoot("tokens-embedded")


def test_a_lost_graphics_context_comes_back(page, address):
    opened(page, address)
    lose = "document.querySelector('.sphere-picture').getContext('webgl2').getExtension('WEBGL_lose_context')"
    page.evaluate(f"() => {{ window.context = {lose}; window.context.loseContext(); }}")
    page.locator(".sphere [role=alert]", has_text="graphics context was lost").wait_for()
    page.evaluate("window.context.restoreContext()")
    page.locator(".sphere [role=alert]").wait_for(state="hidden")
    before = picture(page)
    page.locator(".sphere-picture").focus()
    page.keyboard.press("ArrowLeft")
    until(page, lambda: picture(page) != before, "a picture")


def test_without_webgl_the_numbers_are_still_there(page, address):
    page.add_init_script("""
      const usual = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind === "webgl2" ? null : usual.call(this, kind, ...more);
      };
    """)
    opened(page, address)
    assert "This browser shows no WebGL 2" in page.locator(".sphere [role=alert]").inner_text()
    assert len(rows(page)) == 6


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "page.html"
    export_page(path)
    assert path.stat().st_size < 2_000_000
    return path


def test_the_exported_file_has_the_first_collapse(page, exported):
    opened(page, exported.as_uri())
    assert [float(row[3]) for row in rows(page)] == pytest.approx(
        [event.log_time / LN10 for event in followed().events], abs=1e-8
    )
    live(page, exported.as_uri())
    page.keyboard.press(" ")
    assert at_rest(page).shape == (7, 6)


def test_in_the_exported_file_other_tokens_move_live(page, exported):
    opened(page, exported.as_uri(), "n=9", "simulated live")
    live(page, exported.as_uri(), "&n=1000&seed=5")
    assert fluent(page)


def test_a_film_whose_first_frame_began_before_it_starts_at_the_first_moment(page, address):
    page.add_init_script(EARLY)
    opened(page, address)
    page.locator("section.view").focus()
    page.keyboard.press(" ")
    readings = page.evaluate(READINGS)
    assert "7 of 7 clusters" in readings[0]
    assert [reading for reading in readings if "NaN" in reading] == []
    page.locator(".reading", has_text="1 of 7 clusters").wait_for(timeout=PATIENCE)


def test_other_tokens_may_come_while_a_frame_of_the_last_ones_is_due(page, address):
    page.add_init_script(SLOW)
    live(page, address, "&n=9")
    live(page, address, "&n=12&seed=5")
    until(page, lambda: len(rows(page)) == 12, "the other tokens")
    page.keyboard.press(" ")
    assert at_rest(page).shape == (12, 6)
