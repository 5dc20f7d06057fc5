"""How much memory another process holds."""

import os
import subprocess
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident(process: int) -> float:
    """Bytes of memory that a process holds; 0 if it is gone or the system does not tell."""
    try:
        return float(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0.0 if Path("/proc/self/statm").exists() else _asked(process)


def _asked(process: int) -> float:
    """The same by the program `ps`, which systems without /proc have."""
    try:
        asked = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=False)
        return float(asked.stdout) * 1024
    except (OSError, ValueError):
        return 0.0
