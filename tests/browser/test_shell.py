"""The frame of the page: views, address, keys, projector mode."""

import pytest

VIEWS = ("tokens", "phase", "layers", "edge", "certificates", "theorems")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_its_address_and_its_key(page, address, view, shoot):
    page.goto(f"{address}#{view}")
    page.wait_for_selector(f"[data-view={view}]")
    shoot(view)
    page.keyboard.press(str(1 + (VIEWS.index(view) + 1) % 6))
    page.wait_for_selector(f"[data-view={VIEWS[(VIEWS.index(view) + 1) % 6]}]")


def test_the_page_is_painted_within_a_second(page, address):
    page.goto(address)
    page.wait_for_selector("[data-view=tokens]")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < 1000


def test_projector_mode_sets_large_type(page, address):
    page.goto(address)
    page.wait_for_selector("[data-view=tokens]")
    size = "parseFloat(getComputedStyle(document.querySelector('.view')).fontSize)"
    usual = page.evaluate(size)
    page.keyboard.press("p")
    assert page.evaluate(size) >= 1.3 * usual
    page.keyboard.press("p")
    assert page.evaluate(size) == usual


def test_an_embedded_view_has_no_controls(page, address):
    page.goto(f"{address}#tokens?embed=true")
    page.wait_for_selector("[data-view=tokens]")
    assert not page.is_visible("nav")
    assert not page.is_visible(".controls")


def test_keys_are_listed(page, address):
    page.goto(address)
    page.wait_for_selector("[data-view=tokens]")
    page.keyboard.press("?")
    assert page.is_visible("dialog kbd >> text='p'")
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog")


def test_the_table_is_shown_by_its_key(page, address):
    page.goto(address)
    page.wait_for_selector("[data-view=tokens]")
    assert not page.is_visible(".table")
    page.keyboard.press("t")
    assert page.is_visible(".table")
