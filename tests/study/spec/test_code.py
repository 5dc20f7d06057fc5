"""The version of the code that computes: any change of a source that is used is another one."""

import sys

import numpy as np
import pytest

from fathometer.evidence import judge
from fathometer.study.spec import _code
from fathometer.study.spec._code import code_version


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A module of someone else, which uses attention."""
    (tmp_path / "beside.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    source = "from beside import x\ndef f(parameters, seed):\n    from fathometer.attention import simulate\n"
    (tmp_path / "mine.py").write_text(source)
    import mine  # pyright: ignore[reportMissingImports]

    yield mine
    for name in ("mine", "beside"):
        sys.modules.pop(name, None)


@pytest.fixture
def sources(monkeypatch):
    """Sources that are other ones than in the files, by name."""
    kept, read = {}, _code._sources

    def changed(package):
        return {name: kept.get(name, source) for name, source in read(package).items()}

    monkeypatch.setattr(_code, "_sources", changed)
    return kept


def version(function):
    return code_version(function)


def test_it_is_the_version_of_the_package_and_a_digest():
    package, digest = code_version(judge).split("+")
    assert package[0].isdigit()
    assert int(digest, 16) >= 0
    assert len(digest) == 12
    assert code_version(judge) == code_version(judge) != code_version(np.mean)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("attention/theorems/__init__.py", True),
        ("numerics/__init__.py", True),
        ("evidence/values/_estimate.py", True),
        ("study/_progress.py", False),
        ("report/_page.py", False),
        ("generalization/__init__.py", False),
    ],
)
def test_what_is_used_counts(mine, sources, name, counts):
    before = version(mine.f)
    sources[name] = b"# another source\n"
    assert (version(mine.f) != before) == counts


def test_a_module_counts_with_those_beside_it(mine, tmp_path):
    before = version(mine.f)
    assert version(mine.f) == before
    (tmp_path / "beside.py").write_text("x = 2\n")
    after = version(mine.f)
    (tmp_path / "mine.py").write_text("from beside import x\ndef f(parameters, seed): return x\n")
    assert len({before, after, version(mine.f)}) == 3
