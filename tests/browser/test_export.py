"""The page as one file, opened from the disk."""

import pytest

from fathometer.app import export_page
from fathometer.app.questions import VIEWS


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "fathometer.html"
    export_page(path)
    return path


def test_it_is_small(exported):
    assert exported.stat().st_size < 2_000_000


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_from_the_disk(page, exported, view, shoot):
    page.goto(f"file://{exported}#{view}")
    page.wait_for_selector(f"[data-view={view}]")
    page.wait_for_load_state("networkidle")
    shoot(f"exported-{view}")
    assert not page.is_visible(".status.refused")
