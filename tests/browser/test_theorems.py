"""The view Theorems: graph, lamps, formulae, hypotheses that break, citation."""

import re

import pytest

pytest.importorskip("playwright", reason="needs the extra browser-test")

from playwright.sync_api import expect

from fathometer.app.questions import question
from fathometer.catalogue import theorem, theorems

from .axe import serious

QUICK = "scalar_closing_time"
PATIENCE = 90_000


def open_view(page, address, query=""):
    page.goto(f"{address}#theorems{query}")
    expect(page.locator(".theorem h3")).to_be_visible(timeout=PATIENCE)


def test_all_theorems_are_in_the_graph_and_the_address_chooses_one(page, address, shoot):
    open_view(page, address, f"?id={QUICK}")
    assert page.locator(".graph .node").count() == len(theorems())
    expect(page.locator(".theorem h3")).to_have_text(theorem(QUICK).title)
    edges = sum(len(each.uses) for each in theorems())
    assert page.locator(".graph .edge").count() == edges
    shoot("theorems")


def test_arrow_keys_walk_along_what_rests_on_what(page, address):
    open_view(page, address, "?id=hemisphere_rate")
    page.locator(".graph").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".theorem h3")).to_have_text(theorem("hemisphere_cone").title)
    assert "id=hemisphere_cone" in page.url
    page.keyboard.press("ArrowRight")
    assert "hemisphere_cone" in theorem(re.search(r"id=(\w+)", page.url)[1]).uses
    before = page.url
    page.keyboard.press("ArrowDown")
    assert page.url != before


def test_a_click_chooses_and_a_drag_moves(page, address):
    open_view(page, address, "?id=hemisphere_rate")
    node = page.locator(".node[data-id=cone_collapse_time]")
    node.click()
    assert "id=cone_collapse_time" in page.url
    place, box = node.bounding_box(), page.locator(".graph").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] - 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + box["height"] - 80, steps=4)
    page.mouse.up()
    moved = node.bounding_box()
    assert moved["x"] == pytest.approx(place["x"] + 100, abs=2)
    assert moved["y"] == pytest.approx(place["y"] - 60, abs=2)
    assert "id=cone_collapse_time" in page.url
    page.keyboard.press("+")
    assert node.bounding_box()["width"] == pytest.approx(1.25 * moved["width"], rel=0.02)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.wheel(0, 400)
    expect(page.locator(".graph")).to_be_visible()
    assert node.bounding_box()["width"] < moved["width"]


def test_theory_and_text_leave_what_matches(page, address):
    open_view(page, address)
    page.locator("select").first.select_option("deep_linear")
    shown = page.locator(".node:not(.dim)")
    assert shown.count() == sum(each.theory == "deep_linear" for each in theorems())
    assert "theory=deep_linear" in page.url
    page.keyboard.press("Escape")
    page.locator(".graph").focus()
    page.keyboard.press("/")
    page.keyboard.type("momentum")
    expect(page.locator(".status").first).to_contain_text(f"of {len(theorems())} theorems")
    assert 0 < shown.count() < 8
    page.keyboard.press("Enter")
    expect(page.locator(".theorem")).to_contain_text("momentum")
    assert "find=momentum" in page.url


def test_the_lamps_are_lit_by_the_cases(page, address):
    open_view(page, address, f"?id={QUICK}")
    page.keyboard.press("r")
    expect(page.locator(".cases .INAPPLICABLE")).to_be_visible(timeout=PATIENCE)
    cases = next(question("theorems.test").answers({"theorem": QUICK})).document["cases"]
    for case in cases[:4]:
        expect(page.locator(".cases")).to_contain_text(case["explanation"])
        expect(page.locator(f".cases .{case['status']}")).to_have_text(case["status"])
    expect(page.locator(f".node[data-id={QUICK}]")).to_have_attribute("data-lamp", "passed")
    page.keyboard.press("t")
    expect(page.locator(".table")).to_contain_text("case: counterexample")


def test_all_that_match_are_tested_and_it_can_be_stopped(page, address):
    open_view(page, address, "?find=bessel nothing has this")
    expect(page.locator(".node:not(.dim)")).to_have_count(0)
    page.locator(".graph-panel input").fill("ascent")
    names = page.locator(".node:not(.dim)").evaluate_all("nodes => nodes.map(node => node.dataset.id)")
    assert len(names) > 2
    page.get_by_role("button", name="Test all").click()
    expect(page.locator(f".node[data-id={names[0]}]")).to_have_attribute("data-lamp", "passed", timeout=PATIENCE)
    page.get_by_role("button", name="Test all").click()
    if page.locator(".node[data-lamp=passed]").count() < len(names):
        expect(page.locator(".status").first).to_contain_text("stopped")
    page.get_by_role("button", name="Test all").click()
    for name in names:
        expect(page.locator(f".node[data-id={name}]")).to_have_attribute("data-lamp", "passed", timeout=PATIENCE)
    expect(page.locator(".status").first).to_contain_text("0 not as they should be")


def test_a_slider_breaks_a_hypothesis_by_what_the_library_says(page, address, shoot):
    open_view(page, address, "?id=circle_caps_rare")
    slider = page.locator(".breaker input")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator(".result .INAPPLICABLE")).to_be_visible(timeout=PATIENCE)
    parts = [answer.document for answer in question("theorems.break").answers({"theorem": "circle_caps_rare"})]
    stops = [stop for part in parts for stop in part["stops"]]
    expect(page.locator(".result")).to_contain_text(stops[-1]["check"]["said"])
    assert "amount=1" in page.url
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".result")).to_contain_text(stops[1]["check"]["said"])
    assert page.locator(".strip .fails").count() == sum(bool(stop["failing"]) for stop in stops)
    expect(page.locator(".hypothesis .lamp.HOLDS").first).to_contain_text("holds", timeout=PATIENCE)
    shoot("theorems-broken")


def test_the_address_has_the_slider(page, address):
    open_view(page, address, "?id=circle_caps_rare&broken=0&amount=0.9")
    expect(page.locator(".result .lamp")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".breaker input").input_value() == "0.9"


def test_predict_first(page, address):
    open_view(page, address, f"?id={QUICK}")
    expect(page.locator(".hypothesis .lamp").first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("f")
    assert not page.locator(".cases").is_visible()
    page.locator(".predict select").select_option("VIOLATED")
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator(".predict")).to_contain_text("INAPPLICABLE: the hypothesis 'not at the antipode' fails")
    expect(page.locator(".predict")).to_contain_text("you said VIOLATED")
    assert page.locator(".cases").is_visible()


def test_the_printed_form_stands_beside_the_correction(page, address):
    open_view(page, address, f"?id={QUICK}")
    printed = page.locator(".printed > div")
    assert printed.count() == 1 + len(theorem(QUICK).as_printed)
    page.keyboard.press("r")
    expect(printed.first.locator(f".lamp.{theorem(QUICK).as_printed[0].ends}")).to_be_visible(timeout=PATIENCE)
    expect(printed.last.locator(".lamp.HOLDS")).to_be_visible()


def test_the_citation_is_copied_or_selected(page, address):
    open_view(page, address, f"?id={QUICK}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy BibTeX").click()
    expect(page.locator(".status").first).to_contain_text("clipboard")
    assert page.evaluate("navigator.clipboard.readText()") == theorem(QUICK).source.reference.bibtex()


def test_every_formula_of_every_theorem_is_set(page, address):
    """KaTeX takes each; nothing of the text is lost, and what is set can be told from words."""
    open_view(page, address)
    formulae = 0
    for each in theorems():
        page.evaluate("id => { location.hash = `theorems?id=${id}` }", each.id)
        expect(page.locator(".theorem h3")).to_have_text(each.title)
        assert page.locator(".theorem .katex-error").count() == 0
        formulae += page.locator(".theorem .main .katex").count()
    assert formulae > 500


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("hemisphere_cone", ["\\langle x_{i} (0), w\\rangle >0", "\\min_{i} \\langle x_{i} (t), w\\rangle "]),
        (
            "ascent_gap",
            ["\\langle \\nabla  E, \\operatorname{Hess} E \\nabla  E\\rangle \\le -c \\lvert \\nabla  E\\rvert ^{2}"],
        ),
        ("high_dimension_curve", ["d\\ge n", "2 \\sqrt{\\log d/d}"]),
        ("descent_stability", ["\\mathrm{step}>2/S", "10^{-4}"]),
    ],
)
def test_plain_text_becomes_these_formulae(page, address, name, tex):
    open_view(page, address, f"?id={name}")
    found = page.locator(".theorem .main annotation").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert set(tex) <= set(found)


def test_an_unknown_theorem_gives_one_line(page, address):
    page.goto(f"{address}#theorems?id=no_such")
    expect(page.locator(".status.refused")).to_have_text("no theorem is called no_such", timeout=PATIENCE)


def test_a_narrow_screen_does_not_scroll_sideways(page, address):
    page.set_viewport_size({"width": 400, "height": 800})
    open_view(page, address, "?id=certified_collapse")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_nothing_serious_is_wrong_for_those_who_cannot_see_or_use_a_mouse(page, address, shoot):
    open_view(page, address, f"?id={QUICK}")
    page.keyboard.press("r")
    expect(page.locator(".cases .INAPPLICABLE")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("t")
    assert serious(page) == []
    page.keyboard.press("p")
    assert serious(page) == []
    shoot("theorems-projector")
