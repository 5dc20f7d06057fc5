"""The view Certificates: bounds taken apart, the cheat and its dice, a saved certificate."""

import json

import numpy as np
import pytest

pytest.importorskip("playwright", reason="needs the extra browser-test")

from playwright.sync_api import expect

from fathometer.app.questions import question
from fathometer.generalization import linear_certificate, save_certificate

from .axe import serious

PATIENCE = 90_000
SLIDERS = {
    "delta": "delta",
    "rows m": "m",
    "empirical risk": "risk",
    "KL to the prior": "kl",
    "distance to the centre": "norm",
    "margin": "margin",
    "parameters": "dim",
    "candidates": "candidates",
    "majority line": "majority",
}


def open_view(page, address, query=""):
    page.goto(f"{address}#certificates{query}")
    expect(page.locator(".bar-row").first).to_be_visible(timeout=PATIENCE)


def state(page):
    return dict(pair.split("=") for pair in page.url.partition("?")[2].split("&") if pair)


def shown_values(page):
    page.keyboard.press("t")
    rows = page.locator(".table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    page.keyboard.press("t")
    return {row[0]: [float(cell) for cell in row[1:5]] for row in rows if not row[0].startswith("dice")}


def test_the_numbers_are_those_of_the_library(page, address, shoot):
    open_view(page, address, "?m=500&risk=0.1&delta=0.01&kl=20")
    given = {"m": 500, "risk": 0.1, "delta": 0.01, "kl": 20}
    rows = next(question("certificates.evaluate").answers(given)).document["rows"]
    expect(page.locator(".bar-row")).to_have_count(len(rows))
    page.locator("section.view").focus()
    values = shown_values(page)
    for row in rows:
        own = [row["value"], row["empirical"], row["confidence"], row["complexity"]]
        assert values[row["bound"]] == pytest.approx(own, rel=1e-5, abs=1e-6)
    shoot("certificates")


@pytest.mark.parametrize("label", SLIDERS)
def test_every_slider_moves_by_the_keyboard_and_is_in_the_address(page, address, label):
    open_view(page, address)
    before = page.locator(".bars").first.inner_html()
    slider = page.get_by_role("slider", name=label, exact=True)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("PageUp")
    assert SLIDERS[label] in state(page)
    page.wait_for_function("before => document.querySelector('.bars').innerHTML !== before", arg=before)
    page.get_by_role("spinbutton", name=f"{label}, exactly", exact=True).fill("1" if label != "delta" else "0.25")
    page.keyboard.press("Tab")
    assert float(state(page)[SLIDERS[label]]) == (20 if label == "rows m" else 0.25 if label == "delta" else 1)


def test_the_address_sets_the_controls(page, address):
    open_view(page, address, "?m=12345&cheat=true&majority=0.4")
    assert page.get_by_role("spinbutton", name="rows m, exactly").input_value() == "12345"
    assert page.get_by_role("checkbox").is_checked()
    expect(page.locator(".majority-name")).to_have_text("majority 0.4")


def test_rows_above_the_majority_line_and_above_one_are_vacuous(page, address):
    open_view(page, address, "?m=100&risk=0.2&kl=500&majority=0.3")
    row = page.locator(".bar-row[data-bound=maurer_seeger]")
    expect(row).to_contain_text("VACUOUS")
    expect(page.locator(".bar-row[data-bound=test_binomial]")).to_contain_text("one predictor")
    page.get_by_role("spinbutton", name="majority line, exactly").fill("0.1")
    page.keyboard.press("Tab")
    expect(page.locator(".bar-row[data-bound=test_binomial]")).to_contain_text("not below the majority line")
    expect(page.locator(".bar-row.useful")).to_have_count(0)


def test_the_majority_line_is_dragged(page, address):
    open_view(page, address)
    box = page.locator(".grip").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=5)
    page.mouse.up()
    assert float(state(page)["majority"]) < 0.29
    expect(page.locator(".majority-name").first).to_have_text(f"majority {float(state(page)['majority']):g}")


def test_the_slider_is_followed_by_the_newest_answer(page, address):
    open_view(page, address)
    slider = page.get_by_role("slider", name="rows m", exact=True)
    slider.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    m = int(float(state(page)["m"]))
    value = next(question("certificates.evaluate").answers({"m": m})).document["rows"][0]["value"]
    expect(page.locator(".bars").first).to_have_attribute("aria-label", _says(f"test_binomial {value:.4g}"))


def _says(text):
    import re

    return re.compile(re.escape(text))


def test_the_cheat_is_inapplicable_and_the_dice_show_why(page, address, shoot):
    open_view(page, address)
    page.locator("section.view").focus()
    page.keyboard.press("c")
    expect(page.locator(".bar-row.INAPPLICABLE")).to_have_count(10)
    assert state(page)["cheat"] == "true"
    page.keyboard.press("d")
    expect(page.locator(".status").first).to_contain_text("2000 samples", timeout=PATIENCE)
    given = {"delta": 0.05, "m": 1000, "risk": 0.05, "candidates": 100}
    arms = [*question("certificates.dice").answers(given)][-1].document["arms"]
    for arm in arms:
        place = page.locator(f"[data-arm={arm['arm']}]")
        expect(place).to_contain_text(f"{arm['failures']} of 2000 certificates")
        expect(place.locator(f".lamp.{arm['status']}")).to_be_visible()
        assert place.locator(".faces .fails").count() == arm["last"]
    assert page.locator("[data-arm=cheat] .VIOLATED").count() == 1
    expect(page.locator("[data-arm=cheat].stressed")).to_have_count(1)
    shoot("certificates-cheat")
    page.get_by_role("button", name="Throw dice").click()
    expect(page.locator(".status").first).to_contain_text("2000 samples", timeout=PATIENCE)
    page.get_by_role("spinbutton", name="candidates, exactly").fill("50")
    page.keyboard.press("Tab")
    expect(page.locator(".pile").last).to_contain_text("throw again")


def test_predict_first(page, address):
    open_view(page, address, "?majority=0.2&risk=0.1&kl=8&delta=0.01")
    needed = next(
        question("certificates.needed").answers({"majority": 0.2, "risk": 0.1, "kl": 8, "delta": 0.01})
    ).document["rows"]
    page.locator("section.view").focus()
    page.keyboard.press("f")
    assert not page.get_by_text("Against the number of rows").is_visible()
    page.locator(".predict input").fill("100")
    page.get_by_role("button", name="Reveal").click()
    expect(page.locator(".predict")).to_contain_text(f"{needed} rows; you said 100 rows")
    assert page.get_by_text("Against the number of rows").is_visible()


def test_a_click_on_a_row_draws_its_curve(page, address):
    open_view(page, address)
    page.locator(".bar-row[data-bound=covering]").click()
    assert state(page)["bound"] == "covering"
    expect(page.locator(".u-legend")).to_contain_text("covering at this m")
    page.locator("section.view").focus()
    page.keyboard.press("b")
    assert state(page)["bound"] == "test_binomial"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(90, 2))
    y = (x[:, 0] + 0.5 * rng.normal(size=90) > 0).astype(int)
    certificate, path = linear_certificate(x, y), tmp_path_factory.mktemp("c") / "C.json"
    save_certificate(path, certificate)
    return certificate, path


def test_a_saved_certificate_is_read(page, address, saved, shoot):
    open_view(page, address)
    certificate, path = saved
    page.set_input_files("input[type=file]", path)
    expect(page.locator(".status").first).to_contain_text(f"{len(certificate.ledger.rows)} rows", timeout=PATIENCE)
    rows = page.locator(".wide tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    for row, own in zip(rows, certificate.ledger.rows, strict=True):
        assert row[0] == own.bound
        assert float(row[1]) == pytest.approx(own.value, rel=1e-5)
        assert row[2] == str(own.status)
    shoot("certificates-file")


def test_a_file_is_dropped(page, address, saved):
    open_view(page, address)
    text = saved[1].read_text()
    drop = page.evaluate_handle(
        "text => { const all = new DataTransfer(); all.items.add(new File([text], 'D.json')); return all }", text
    )
    page.get_by_text("A saved certificate").dispatch_event("drop", {"dataTransfer": drop})
    expect(page.locator(".status").first).to_contain_text("D.json is read", timeout=PATIENCE)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("C.json", "{]", "C.json: the file is not a JSON file"),
        ("C.json", json.dumps({"schema": "mine"}), "C.json: the file must be a certificate of schema"),
        ("C.skops", "x", "C.skops: a file must end in .json"),
    ],
)
def test_a_bad_file_gives_one_line(page, address, tmp_path, name, text, line):
    open_view(page, address)
    path = tmp_path / name
    path.write_text(text)
    page.set_input_files("input[type=file]", path)
    expect(page.locator(".status.refused")).to_contain_text(line, timeout=PATIENCE)


def test_a_narrow_screen_does_not_scroll_sideways(page, address, saved):
    page.set_viewport_size({"width": 400, "height": 800})
    open_view(page, address)
    page.set_input_files("input[type=file]", saved[1])
    expect(page.locator(".wide")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_nothing_serious_is_wrong_for_those_who_cannot_see_or_use_a_mouse(page, address, saved, shoot):
    open_view(page, address)
    page.set_input_files("input[type=file]", saved[1])
    expect(page.locator(".wide")).to_be_visible(timeout=PATIENCE)
    page.locator("section.view").focus()
    page.keyboard.press("t")
    page.keyboard.press("d")
    expect(page.locator(".dice")).to_be_visible(timeout=PATIENCE)
    assert serious(page) == []
    page.keyboard.press("p")
    assert serious(page) == []
    shoot("certificates-projector")
