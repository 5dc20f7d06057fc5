"""The examples of the guide, written to a folder as they stand and run there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import fathometer

GUIDE = Path(__file__).parents[2] / "docs" / "network.md"
BLOCK = re.compile(r"```python\n# (?P<name>\S+)\n(?P<text>.*?)```", re.DOTALL)


def write_examples(folder: Path) -> list[str]:
    """Write them all and return their names."""
    blocks = list(BLOCK.finditer(GUIDE.read_text("utf-8")))
    for block in blocks:
        (folder / block["name"]).write_text(block["text"])
    return [block["name"] for block in blocks]


def run(folder: Path, *arguments: str) -> str:
    """Run Python there and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(fathometer.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
