"""The gallery: each script of `docs/gallery` is run, and has a page with its text, figure, output and code.

A script saves one figure as NAME.svg in the folder that it runs in, and asserts what it shows: one that fails ends the
build. Runs are kept as long as neither the script nor the library has changed.
"""

import ast
import functools
import hashlib
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from docs.site.markup import box

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "docs" / "gallery"
GROUPS = {
    "attention": "Attention",
    "deep_linear": "Deep linear networks",
    "generalization": "Generalization",
    "network": "Your own network",
}
"""Titles by how the names of the scripts begin."""
_LONGEST = 300
"""Seconds after which a script is given up."""


@dataclass(frozen=True)
class Example:
    """A script of the gallery: first line, other text and code."""

    name: str
    title: str
    text: str
    code: str

    @classmethod
    def read(cls, path: Path) -> "Example":
        """Take a script apart."""
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        title, _, text = (ast.get_docstring(tree) or "").partition("\n\n")
        code = "".join(source.splitlines(keepends=True)[tree.body[0].end_lineno :])
        return cls(path.stem, title.removesuffix("."), text, code.strip("\n"))


def examples() -> list[Example]:
    """All scripts, by group and name."""
    paths = [path for group in GROUPS for path in sorted(SCRIPTS.glob(f"{group}_*.py"))]
    return [Example.read(path) for path in paths]


def gallery_files(folder: Path) -> dict[str, bytes]:
    """Run what has changed, and return pages, figures and scripts by their paths.

    Args:
        folder: where runs are kept.
    """
    files: dict[str, bytes] = {"gallery/index.md": _index().encode()}
    for example in examples():
        printed = run_example(example.name, folder / example.name)
        files[f"gallery/{example.name}.md"] = example_page(example, printed).encode()
        files[f"gallery/{example.name}.svg"] = (folder / example.name / f"{example.name}.svg").read_bytes()
        files[f"gallery/{example.name}.py"] = (SCRIPTS / f"{example.name}.py").read_bytes()
    return files


def run_example(name: str, folder: Path) -> str:
    """Run a script in a folder, if what is kept there is not of the same script and library, and return what it prints.

    Args:
        name: of the script.
        folder: of its own, where figure and output are kept.

    Raises:
        RuntimeError: if it fails, or leaves no figure.
    """
    script, printed, stamp = SCRIPTS / f"{name}.py", folder / "printed.txt", folder / "stamp.txt"
    now = hashlib.sha256(script.read_bytes() + _library().encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == now:
        return printed.read_text("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    surroundings = os.environ | {"PYTHONPATH": str(ROOT / "src"), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if done.returncode or not (folder / f"{name}.svg").is_file():
        raise RuntimeError(f"{script} failed or left no {name}.svg:\n{done.stdout}{done.stderr}")
    print(f"ran {name}: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before:.1f} s of processor time")
    printed.write_text(done.stdout, "utf-8")
    stamp.write_text(now)
    return done.stdout


def example_page(example: Example, printed: str) -> str:
    """One example: text, figure, what it prints, and code."""
    figure = box("figure", f"![{example.title}]({example.name}.svg)")
    return (
        f"# {example.title}\n\n{example.text}\n\n{figure}\n"
        f"## What it prints\n\n```text\n{printed.rstrip()}\n```\n\n"
        f"## The script\n\n```python\n{example.code}\n```\n\n{{download}}`{example.name}.py`\n"
    )


def _index() -> str:
    parts = [
        "# Gallery\n\nEach example is a script that runs in seconds and asserts what it shows; all of them run when"
        " this site is built.\n"
    ]
    for group, title in GROUPS.items():
        cards = "".join(_card(example) for example in examples() if example.name.startswith(f"{group}_"))
        parts.append(f"## {title}\n\n::::{{container}} gallery\n{cards}::::\n")
    listed = "\n".join(example.name for example in examples())
    return "\n".join(parts) + f"\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"


def _card(example: Example) -> str:
    first = example.text.split(". ")[0].replace("\n", " ").rstrip(".")
    return box(
        "card",
        f"[![{example.title}]({example.name}.svg)]({example.name}.md)\n\n[{example.title}]({example.name}.md)\n\n{first}.",
    )


@functools.cache
def _library() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
