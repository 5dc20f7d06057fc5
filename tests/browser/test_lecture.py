"""The lecture of docs/lecture.md, step by step in one page: every step does it, and sees what the audience sees."""

import re
from pathlib import Path

import numpy as np
from playwright.sync_api import expect

LECTURE = Path(__file__).parents[2] / "docs" / "lecture.md"
PATIENCE = 120_000
VACUOUS = "[...document.querySelectorAll('.bar-row')].filter(row => /VACUOUS/.test(row.textContent)).length"


def fact(name):
    """A number of the view, in the page's own words."""
    return f"""parseFloat(document.querySelector("[data-fact='{name}']").textContent)"""


def number(page, name):
    return page.evaluate(fact(name))


def tokens(page):
    """Minutes 0 to 2: a guess is revealed, mergers follow each other; at beta = 2 all meet before t = 100."""
    page.locator(".view > .status", has_text="mergers over").wait_for(timeout=PATIENCE)
    page.keyboard.press("f")
    page.keyboard.type("5")
    page.get_by_role("button", name="Reveal").click()
    assert "it is 7.01" in page.locator(".predict [role=status]").inner_text()
    page.locator("section.view").focus()
    page.keyboard.press(" ")
    page.locator(".reading", has_text="1 of 7 clusters").wait_for(timeout=PATIENCE)
    page.keyboard.press("[")
    page.wait_for_function("/merger=[0-9]/.test(location.hash)")
    newest = int(re.search(r"merger=(\d)", page.url)[1])
    assert newest >= 4
    for merger in reversed(range(newest)):
        page.keyboard.press("[")
        page.wait_for_function("merger => location.hash.includes(`merger=${merger}`)", arg=merger)
        assert page.locator(".merger-list tr.chosen").count() == 1
    last = "document.querySelector('.merger-list tbody tr:last-child')?.innerText"
    slow = page.evaluate(last)
    page.get_by_label("β, exactly").fill("2")
    page.keyboard.press("Tab")
    page.wait_for_function(f"slow => ({last} ?? slow) !== slow", arg=slow, timeout=PATIENCE)
    page.locator(".view > .status", has_text="mergers over").wait_for(timeout=PATIENCE)
    page.locator(".scrubber").focus()
    page.keyboard.press("End")
    page.locator(".reading", has_text="1 of 7 clusters").wait_for()
    assert float(re.search(r"10\^(-?[\d.]+)", page.locator(".reading").inner_text())[1]) < 2


def phase(page):
    """Minute 3: the diagram is full, and has cells on both sides of its wall."""
    page.keyboard.press("2")
    page.wait_for_selector(".view > .status:has-text('measured')", timeout=PATIENCE)
    box = page.locator(".heat").bounding_box()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.7 * box["height"])
    page.wait_for_selector(".replay h3:has-text('β =')")
    page.keyboard.press("t")
    rows = page.locator(".table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(c => c.textContent))"
    )
    cosines = np.array([row[1:7] for row in rows], float)
    assert cosines.min() < 0.5 < 0.99 < cosines.max()
    page.keyboard.press("t")


def layers(page):
    """Minute 4: one step of the model explains a few per cent of a block of ALBERT."""
    page.keyboard.press("3")
    page.wait_for_selector("[data-fact='Control']", timeout=PATIENCE)
    before = number(page, "Mean cosine, network")
    page.keyboard.press("a")
    page.wait_for_function("() => Number(document.querySelector('.scrubber output').textContent) >= 10")
    page.keyboard.press("a")
    assert abs(number(page, "Mean cosine, network") - before) < 0.2
    assert 0 < number(page, "One step of the model explains") < 10


def edge(page):
    """Minutes 5 and 6: the threshold moves with the step; a deeper network has a sharper flattest minimizer."""
    page.keyboard.press("4")
    page.wait_for_selector("[data-fact='Certificate']", timeout=PATIENCE)
    step = page.get_by_label("Step, exactly", exact=True)
    assert float(step.input_value()) == 0.19
    for value in ("0.1", "0.19"):
        step.fill(value)
        page.keyboard.press("Tab")
        page.wait_for_function(
            f"reach => Math.abs({fact('Largest stable sharpness')} - reach) < 1e-3", arg=2 / float(value)
        )
        page.wait_for_function(
            f"reach => {fact('Sharpness at the end')} < reach", arg=2.2 / float(value), timeout=PATIENCE
        )
    flattest = number(page, "Flattest minimizer")
    page.get_by_label("Depth, exactly", exact=True).fill("12")
    page.keyboard.press("Tab")
    page.wait_for_function(f"before => {fact('Flattest minimizer')} > before", arg=flattest, timeout=PATIENCE)


def certificates(page):
    """Minutes 7 and 8: with few rows bounds say nothing; with a cheating prior they are inapplicable, and fail."""
    page.keyboard.press("5")
    expect(page.locator(".bar-row").first).to_be_visible(timeout=PATIENCE)
    many = page.evaluate(VACUOUS)
    rows = page.get_by_role("spinbutton", name="rows m, exactly")
    rows.fill("100")
    page.keyboard.press("Tab")
    page.wait_for_function(f"many => ({VACUOUS}) > many", arg=many)
    rows.fill("1000")
    page.keyboard.press("Tab")
    page.locator("section.view").focus()
    page.keyboard.press("c")
    expect(page.locator(".bar-row.INAPPLICABLE")).to_have_count(page.locator(".bar-row").count())
    page.keyboard.press("d")
    expect(page.locator(".status").first).to_contain_text("2000 samples", timeout=PATIENCE)
    fails = {
        arm: int(re.search(r"(\d+) of 2000", page.locator(f"[data-arm={arm}]").inner_text())[1])
        for arm in ("honest", "cheat")
    }
    assert fails["honest"] <= 0.05 * 2000
    assert fails["cheat"] > 0.9 * 2000


def theorems(page):
    """Minute 9: four lamps, and a hypothesis that is broken by so much."""
    page.keyboard.press("6")
    expect(page.locator(".theorem h3")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("r")
    expect(page.locator(".cases .INAPPLICABLE").first).to_be_visible(timeout=PATIENCE)
    assert page.locator(".cases .lamp").count() >= 4
    page.locator(".breaker input").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".result .INAPPLICABLE").first).to_be_visible(timeout=PATIENCE)


def test_the_ten_minutes(page, address, shoot):
    page.goto(f"{address}#tokens")
    page.wait_for_selector("[data-view=tokens]")
    page.keyboard.press("p")
    for step in (tokens, phase, layers, edge, certificates, theorems):
        step(page)
        shoot(f"lecture-{step.__name__}")


def test_the_guide_has_a_line_for_every_minute():
    lines = re.findall(r"^\| (\d) \|", LECTURE.read_text("utf-8"), re.MULTILINE)
    assert lines == [str(minute) for minute in range(10)]
