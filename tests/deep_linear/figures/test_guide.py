"""The guide names what there is."""

import re

from fathometer.catalogue import theorems
from fathometer.deep_linear.figures import GROUPS, NAMES


def test_the_guide_names_every_theorem_and_every_figure(request):
    text = (request.config.rootpath / "docs" / "deep-linear.md").read_text()
    named = set(re.findall(r"`([a-z0-9_-]+)`", text))
    assert {found.id for found in theorems() if found.theory == "deep_linear"} <= named
    assert {*NAMES, "paper-linear"} <= named
    assert all(f"figure {group}" in text for group in GROUPS)
