import json
import os

import numpy as np
import pytest

from fathometer.report import write_json, write_text


def test_a_file_is_whole_and_alone(tmp_path):
    write_json(tmp_path / "deep" / "r.json", {"a": [1.5, None]})
    assert json.loads((tmp_path / "deep" / "r.json").read_text()) == {"a": [1.5, None]}
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep" / "r.json"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    write_text(tmp_path / "r.txt", "old")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "r.txt", "new")
    assert (tmp_path / "r.txt").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "r.txt"]


def test_infinities_never_reach_a_file(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "r.json", {"a": np.inf})
    assert not list(tmp_path.iterdir())
