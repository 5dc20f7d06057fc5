"""Write the tree that Sphinx reads: `python -m docs.site.assemble FOLDER`.

Guides are copied as they are, besides links that leave their folder; everything else is generated. Files that are as
they were are left alone, so that Sphinx reads again only what has changed.
"""

import sys
from pathlib import Path

from docs.site.api_pages import api_pages
from docs.site.citation_pages import citations_page
from docs.site.command_pages import command_pages
from docs.site.gallery_pages import gallery_files
from docs.site.guides import guide_pages
from docs.site.theorem_pages import theorem_pages

from fathometer.catalogue import theorems
from fathometer.report import theorem_graph

HERE = Path(__file__).parent
DOCS = HERE.parent
PICTURES = ("*.svg", "*.png", "*.gif")


def assemble(folder: Path) -> int:
    """Write every page and picture into a folder, remove what is no longer there, and return the number of pages."""
    pages = {
        **guide_pages(),
        **theorem_pages(),
        **api_pages(),
        **command_pages(),
        "citations.md": citations_page(),
        **{page: (HERE / page).read_text("utf-8") for page in ("index.md", "live.md")},
    }
    files: dict[str, bytes] = {path: text.encode() for path, text in pages.items()}
    files |= {path.name: path.read_bytes() for pattern in PICTURES for path in DOCS.glob(pattern)}
    files["theorems/graph.svg"] = theorem_graph(theorems(), "svg")
    files |= gallery_files(folder.parent / "gallery-runs")
    _write(folder, files)
    return sum(path.endswith((".md", ".rst")) for path in files)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if str(path.relative_to(folder)) not in files:
            path.unlink()
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != data:
            target.write_bytes(data)


def main(arguments: list[str]) -> int:
    """Write the tree and say how much it is."""
    folder = Path(arguments[0]).resolve()
    print(f"{assemble(folder)} pages in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
