"""The view of layers: the example, a file of one's own, the scrubber, keys, the address."""

import re

import numpy as np
import pytest

from fathometer.app.questions import question
from fathometer.data import albert_flow, albert_layers

from .axe import serious

PATIENCE = 60_000


def fact(page, name):
    return page.locator(f"[data-fact='{name}']").inner_text()


def opened(page, address, hash_="#layers"):
    page.goto(f"{address}{hash_}")
    page.wait_for_selector("[data-fact='Control']", timeout=PATIENCE)


def states(tmp_path, layers=4):
    random = np.random.default_rng(0)
    path = tmp_path / "states.npz"
    np.savez(path, **{name: random.standard_normal((layers, 10, 5)) for name in ("hidden", "control")})
    return path


@pytest.mark.parametrize("place", [0, 5, 11])
def test_the_numbers_are_those_that_come_with_the_package(page, address, place, shoot):
    opened(page, address, f"#layers?layer={place}")
    shoot(f"layers-{place}")
    arrays, flow = albert_layers(), albert_flow()
    assert float(fact(page, "Mean cosine, network")) == pytest.approx(arrays["trained_mean"][place], rel=1e-3)
    assert float(fact(page, "Control")) == pytest.approx(arrays["random_mean"][place], rel=1e-3)
    assert float(fact(page, "Fitted flow")) == pytest.approx(flow["flow_mean"][place], rel=1e-3)
    share = float(re.match(r"[\d.]+", fact(page, "One step of the model explains")).group())
    assert share == pytest.approx(100 * flow["explained"][place], abs=0.006)


def test_arrow_keys_and_the_range_move_through_the_layers(page, address):
    opened(page, address)
    for key, layer in [("ArrowRight", "1"), ("ArrowRight", "2"), ("ArrowLeft", "1"), ("End", "400"), ("Home", "0")]:
        page.keyboard.press(key)
        page.wait_for_function("layer => document.querySelector('.scrubber output').textContent === layer", arg=layer)
    page.get_by_label("Layer", exact=True).fill("12")
    page.wait_for_function("() => location.hash.includes('layer=12')")
    assert page.locator(".scrubber output").inner_text() == "12"


def test_a_layer_is_chosen_in_the_chart(page, address):
    opened(page, address)
    page.locator(".panel:has-text('Mean cosine by layer') .u-over").click(position={"x": 200, "y": 50})
    page.wait_for_function("() => /layer=[1-9]/.test(location.hash)")


def test_it_plays_and_stops(page, address):
    opened(page, address, "#layers?layer=18")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => location.hash.includes('layer=20')")
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelector('.scrubber output').textContent !== '400'")
    page.keyboard.press("a")


def test_the_table_has_a_row_for_each_layer(page, address):
    opened(page, address)
    page.keyboard.press("t")
    rows = page.locator(".table tbody tr")
    assert rows.count() == 21
    cells = rows.nth(12).locator("td").all_inner_texts()
    assert float(cells[1]) == pytest.approx(albert_layers()["trained_mean"][12], rel=1e-5)


def test_the_measurement_waits_for_the_prediction(page, address):
    opened(page, address)
    page.keyboard.press("f")
    page.get_by_label("What is the mean cosine in the last layer?").fill("1")
    value = page.locator("[data-fact='Mean cosine, network']")
    assert value.evaluate("element => getComputedStyle(element).visibility") == "hidden"
    page.get_by_role("button", name="Reveal").click()
    text = page.locator(".predict [role=status]").inner_text()
    assert float(re.search(r"last layer is ([\d.]+);", text).group(1)) == pytest.approx(
        albert_layers()["trained_mean"][-1], rel=1e-3
    )
    assert value.evaluate("element => getComputedStyle(element).visibility") == "visible"


def test_a_file_is_read_and_the_example_comes_back(page, address, tmp_path):
    path = states(tmp_path)
    answer = [*question("layers.read").answers({}, path)][-1]
    opened(page, address)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector("text=states.npz: 1 text, 10 tokens; control: recorded", timeout=PATIENCE)
    for place in range(4):
        mean = float(answer.arrays["model_mean"][place])
        assert float(fact(page, "Mean cosine, network")) == pytest.approx(mean, rel=1e-3)
        page.keyboard.press("ArrowRight")
    page.locator("[data-name=back]").click()
    page.wait_for_selector("text=ALBERT on chemical reactions", timeout=PATIENCE)


def test_a_file_is_dropped(page, address, tmp_path):
    opened(page, address)
    content = list(states(tmp_path).read_bytes())
    page.evaluate(
        """content => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(content)], "dropped.npz"));
            document.querySelector(".stage").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
        }""",
        content,
    )
    page.wait_for_selector("text=dropped.npz: 1 text, 10 tokens", timeout=PATIENCE)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("states.npz", b"no archive", "the file is not an npz file"),
        ("states.csv", b"1,2", "a file must end in .npz"),
    ],
)
def test_a_bad_file_gives_one_line(page, address, name, content, line):
    opened(page, address)
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": content})
    page.wait_for_selector(".status.refused", timeout=PATIENCE)
    assert line in page.locator(".status").inner_text()
    assert fact(page, "Mean cosine, network")


@pytest.mark.parametrize("projector", ["false", "true"])
def test_axe_finds_nothing_serious(page, address, projector, shoot):
    opened(page, address, f"#layers?projector={projector}")
    page.keyboard.press("t")
    assert serious(page) == []
    shoot(f"layers-projector-{projector}")


def test_a_narrow_screen_does_not_scroll_sideways(page, address, shoot):
    page.set_viewport_size({"width": 400, "height": 900})
    opened(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    shoot("layers-narrow")
