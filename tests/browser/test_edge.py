"""The view of the edge: numbers of Python, the threshold in the next frame, files, keys, the address."""

import json
import re

import pytest

from fathometer import deep_linear as dl
from fathometer.app.questions import question
from fathometer.app.questions.edge import FIRST_NETWORK, FIRST_RUN
from fathometer.evidence import Estimate
from fathometer.network import Edge, EdgeRule, History
from fathometer.network.steps.watch._history import Moment

from .axe import serious

SMALL = "#edge?depth=2&width=2&steps=30&step=0.05&flow=false&central=false"
GIVEN = FIRST_RUN | {"depth": 2, "width": 2, "steps": 30, "step": 0.05}
PATIENCE = 120_000
TABLE = "a,b,y\n1,0,2\n0,1,-1\n2,1,3.5\n-1,1,-3\n0.5,-2,3\n"


def fact(page, name):
    return page.locator(f"[data-fact='{name}']").inner_text()


def number(page, name):
    return float(re.match(r"[-+.\de]+", fact(page, name)).group())


def opened(page, address, hash_=SMALL):
    page.goto(f"{address}{hash_}")
    page.wait_for_selector("[data-fact='Certificate']", timeout=PATIENCE)
    page.wait_for_function("() => document.querySelector('.status').textContent === ''", timeout=PATIENCE)


@pytest.fixture(scope="module")
def python():
    """What Python answers to the same question."""
    return {
        name: value for answer in question("edge.descend").answers(GIVEN) for name, value in answer.document.items()
    }


def test_the_numbers_are_those_of_python(page, address, python, shoot):
    opened(page, address)
    shoot("edge-small")
    assert number(page, "Sharpness at the end") == pytest.approx(python["end"]["sharpness"], rel=1e-5)
    assert number(page, "Imbalance at the end") == pytest.approx(python["end"]["imbalance"], rel=1e-5)
    assert fact(page, "Class of the run").startswith(f"{python['class']['name']}:")
    law = dl.depth_law(dl.DeepLinear(dl.paper_samples("overdetermined").regression, 2))
    assert number(page, "Flattest minimizer") == pytest.approx(float(law.s_min.value), rel=1e-5)
    assert number(page, "Lower bound at depth 2") == pytest.approx(float(law.s_lower_paper.value), rel=1e-5)


def test_the_table_has_the_looks_of_python(page, address):
    opened(page, address)
    page.keyboard.press("t")
    rows = page.locator(".table tbody tr")
    answers = [*question("edge.descend").answers(GIVEN)]
    steps = [step for answer in answers for step in answer.arrays.get("at", [])]
    sharpness = [value for answer in answers for value in answer.arrays.get("sharpness", [])]
    assert rows.count() == len(steps)
    heads = page.locator(".table th").all_inner_texts()
    cells = dict(zip(heads, rows.last.locator("td").all_inner_texts(), strict=True))
    assert float(cells["step"]) == steps[-1]
    assert float(cells["sharpness, descent"]) == pytest.approx(sharpness[-1], rel=1e-5)


def test_the_threshold_answers_in_the_next_frame(page, address):
    opened(page, address)
    seen = page.evaluate("""() => new Promise((resolve) => {
        const range = document.querySelector("input[type=range][aria-label=Step]");
        range.value = Number(range.value) + 50;
        range.dispatchEvent(new Event("input"));
        requestAnimationFrame(() => requestAnimationFrame(() => resolve({
            step: Number(document.querySelector("input[aria-label='Step, exactly']").value),
            told: document.querySelector("[data-fact='Largest stable sharpness']").textContent,
        })));
    })""")
    assert seen["step"] > 0.05
    assert float(seen["told"].split(" ")[0]) == pytest.approx(2 / seen["step"], rel=1e-5)


@pytest.mark.parametrize(("times", "kind"), [(1, "heavy-ball"), (2, "nesterov")])
def test_the_threshold_of_momentum_is_that_of_python(page, address, times, kind):
    opened(page, address, f"{SMALL}&beta=0.3")
    for _ in range(times):
        page.keyboard.press("m")
    page.wait_for_function(f"() => location.hash.includes('momentum={kind}')")
    reach = dl.Momentum(0.3, nesterov=kind == "nesterov").reach
    page.wait_for_function(
        "limit => Math.abs(parseFloat(document.querySelector(\"[data-fact='Largest stable sharpness']\").textContent)"
        " / limit - 1) < 1e-5",
        arg=reach / 0.05,
    )


def test_every_control_is_moved_by_mouse_and_keyboard_and_kept_in_the_address(page, address):
    opened(page, address)
    for label, name in [
        ("Depth", "depth"),
        ("Width", "width"),
        ("Step", "step"),
        ("Number of steps", "steps"),
        ("Scale of start", "scale"),
        ("Seed", "seed"),
        ("Momentum's share", "beta"),
    ]:
        page.get_by_role("slider", name=label, exact=True).focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"() => location.hash.includes('{name}=')")
        field = page.get_by_label(f"{label}, exactly", exact=True)
        assert field.input_value() in page.evaluate("decodeURIComponent(location.hash)")
    for key, name in [
        ("r", "residual"),
        ("z", "standardize"),
        ("g", "flow"),
        ("c", "central"),
        ("o", "centre"),
        ("l", "log"),
    ]:
        before = page.evaluate("location.hash")
        page.keyboard.press(key)
        page.wait_for_function("before => location.hash !== before", arg=before)
        assert f"{name}=" in page.evaluate("location.hash")
    for label in ("Gradient flow", "Central flow", "Mean of two steps", "Logarithmic sharpness"):
        box = page.get_by_label(label, exact=True)
        before = box.is_checked()
        box.click()
        assert box.is_checked() is not before
    page.locator("label:has(.label:text-is('Data')) select").select_option("underdetermined")
    page.wait_for_function("() => location.hash.includes('data=underdetermined')")


def test_the_address_sets_the_controls(page, address):
    opened(page, address)
    assert page.get_by_label("Depth, exactly").input_value() == "2"
    assert not page.get_by_label("Gradient flow", exact=True).is_checked()


def test_the_measurement_waits_for_the_prediction(page, address, python):
    opened(page, address)
    page.keyboard.press("f")
    page.get_by_label("How large is the sharpness at the end?").fill("30")
    value = page.locator("[data-fact='Sharpness at the end']")
    assert value.evaluate("element => getComputedStyle(element).visibility") == "hidden"
    page.keyboard.press("Enter")
    assert value.evaluate("element => getComputedStyle(element).visibility") == "visible"
    text = page.locator(".predict [role=status]").inner_text()
    assert float(re.search(r"the end is ([-+.\de]+),", text).group(1)) == pytest.approx(
        python["end"]["sharpness"], rel=1e-4
    )
    assert text.endswith("you said 30 ") or text.endswith("you said 30")


def give(page, name, content):
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": content.encode()})


def test_a_table_is_read_and_its_target_is_chosen(page, address):
    opened(page, address)
    give(page, "rows.csv", TABLE)
    page.wait_for_selector("text=5 rows of the file, standardized, 2 inputs, target y", timeout=PATIENCE)
    page.get_by_label("Target column").select_option("1")
    page.wait_for_selector("text=target a", timeout=PATIENCE)
    page.locator("[data-name=back]").click()
    page.wait_for_selector("text=overdetermined data of the paper, 5 inputs", timeout=PATIENCE)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("rows.csv", "a,y\n1,x\n2,3\n", "column 'y' of the file"),
        ("rows.csv", "", "the file is empty"),
        ("watch.json", "{}", "a watch must have format"),
        ("rows.txt", "1", "a file must end in .csv"),
    ],
)
def test_a_bad_file_gives_one_line(page, address, name, content, line):
    opened(page, address)
    give(page, name, content)
    page.wait_for_selector(".status.refused", timeout=PATIENCE)
    text = page.locator(".status.refused").inner_text()
    assert line in text
    assert "/tmp" not in text


def test_a_training_of_the_users_own_is_drawn(page, address, tmp_path, shoot):
    largest = [Estimate.enclosed(value, value - 1, value + 1) for value in (5.0, 12.0, 19.0, 21.0)]
    moments = [
        Moment(
            100 * k, Estimate.exact(1 / (k + 1)), of, Edge(0.1, EdgeRule.descent(), of), None, 0.1, None, 20, 10, 0.1
        )
        for k, of in enumerate(largest)
    ]
    path = tmp_path / "watch.json"
    History(moments, steps=400, looks=4).save(path)
    opened(page, address)
    page.set_input_files("input[type=file]", path)
    page.wait_for_selector("text=watch.json, gradient descent", timeout=PATIENCE)
    assert number(page, "Largest stable sharpness") == pytest.approx(20)
    page.keyboard.press("t")
    assert page.locator(".table tbody tr").last.locator("td").all_inner_texts() == ["300", "0.25", "21", "20"]
    shoot("edge-watch")


def test_what_is_asked_first_is_what_an_exported_page_holds(page, address):
    asked = {}

    def note(payload):
        if isinstance(payload, bytes):
            length = int.from_bytes(payload[:4], "little")
            header = json.loads(payload[4 : 4 + length])
            asked.setdefault(header.get("ask"), header.get("with"))

    page.on("websocket", lambda socket: socket.on("framesent", note))
    opened(page, address, "#edge")
    assert asked["edge.law"] == FIRST_NETWORK
    for name in ("edge.descend", "edge.flow", "edge.central_flow"):
        assert asked[name] == FIRST_RUN


@pytest.mark.parametrize("projector", ["false", "true"])
def test_axe_finds_nothing_serious(page, address, projector, shoot):
    opened(page, address, f"{SMALL}&projector={projector}")
    page.keyboard.press("t")
    assert serious(page) == []
    shoot(f"edge-projector-{projector}")


def test_a_narrow_screen_does_not_scroll_sideways(page, address, shoot):
    page.set_viewport_size({"width": 400, "height": 900})
    opened(page, address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    shoot("edge-narrow")
