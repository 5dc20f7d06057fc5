import pytest

from tests.network.guide import GUIDE, run, write_examples


def test_every_part_of_the_guide_is_linked():
    text = GUIDE.read_text("utf-8")
    parts = sorted(path.name for path in GUIDE.parent.glob("network-*.md"))
    assert [part for part in parts if f"]({part})" not in text] == []


@pytest.mark.slow
def test_the_example_in_jax_runs(tmp_path):
    write_examples(tmp_path)
    out = run(tmp_path, "digits.py")
    assert out.count("\n") == 3
    assert 0.03 < float(out.split()[-1]) < 0.1
