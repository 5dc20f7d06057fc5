"""Loads from elsewhere are seen in pages, styles, scripts and pictures; links are none."""

import pytest
from docs.site.outbound import main, outbound


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script async src="https://elsewhere/x.js"></script>'),
        ("a.html", "<script src='//elsewhere/x.js'></script>"),
        ("a.html", '<link rel="stylesheet" href="https://elsewhere/x.css">'),
        ("a.html", '<link href="https://elsewhere" rel="preconnect">'),
        ("a.html", '<img alt="" src="http://elsewhere/x.png">'),
        ("a.css", '@import "https://elsewhere/x.css";'),
        ("a.css", "@font-face { src: url(https://elsewhere/x.woff2) }"),
        ("a.js", 'fetch("https://elsewhere/data.json")'),
        ("a.svg", '<image href="https://elsewhere/x.png"/>'),
    ],
)
def test_a_load_is_seen(name, text, tmp_path):
    (tmp_path / name).write_text(text)
    assert len(list(outbound(tmp_path))) == 1


def test_links_and_own_files_are_allowed(tmp_path, capsys):
    text = '<a href="https://elsewhere/">x</a><img src="_images/x.svg"><link rel="stylesheet" href="_static/x.css">'
    (tmp_path / "a.html").write_text(text)
    assert main([str(tmp_path)]) == 0
    assert "1 pages" in capsys.readouterr().out


def test_an_empty_folder_is_no_site(tmp_path):
    assert main([str(tmp_path)]) == 1
