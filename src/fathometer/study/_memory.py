"""How much memory this machine has."""

import math
import os


def memory() -> float:
    """Bytes of memory of the machine; inf where the system does not tell."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return math.inf


def gigabytes(size: float) -> str:
    """A number of bytes in words, such as "12 GB"."""
    return f"{size / 2**30:.2g} GB" if size < 100 * 2**30 else f"{size / 2**30:.0f} GB"
