"""Compiled loops: with and without a folder in which their code is kept."""

import pytest

from fathometer.numerics import native


def test_where_no_folder_may_be_written_to_code_is_compiled_all_the_same(monkeypatch):
    caching = pytest.importorskip("numba.core.caching")
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    @native
    def twice(number):
        return 2 * number

    assert twice(21) == 42
